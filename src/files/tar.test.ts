import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { requires } from '../../test/support/requires.ts';
import { readTar, tarEnd, tarHeader, tarPadding } from './tar.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tar-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

const long = `targets/${'d'.repeat(64)}/${'f'.repeat(64)}.name with spaces.AppImage`;
const files: Readonly<Record<string, string>> = {
  'metadata/timestamp.json': '{}',
  [long]: 'x'.repeat(1000),
  empty: '',
};

async function write(bytes: Uint8Array): Promise<string> {
  const path = join(directory, 'a.tar');
  await writeFile(path, bytes);
  return path;
}

function archive(): Uint8Array {
  const parts = Object.entries(files).flatMap(([name, text]) => [
    tarHeader(name, text.length),
    Buffer.from(text),
    tarPadding(text.length),
  ]);
  return Buffer.concat([...parts, tarEnd]);
}

async function contents(path: string): Promise<Readonly<Record<string, string>>> {
  const file = await open(path);
  try {
    const found: Record<string, string> = {};
    for (const { name, offset, length } of await readTar(file)) {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, offset);
      found[name] = buffer.toString();
    }
    return found;
  } finally {
    await file.close();
  }
}

it('reads the archives that it writes, long names included', async () => {
  expect(await contents(await write(archive()))).toEqual(files);
});

it('writes archives that tar reads, and reads archives that tar writes', requires('tar'), async () => {
  const listed = execFileSync('tar', ['-tf', await write(archive())], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
  execFileSync('tar', ['-xf', 'a.tar'], { cwd: directory });
  execFileSync('tar', ['--format=pax', '-cf', 'b.tar', 'metadata', 'targets', 'empty'], { cwd: directory });
  execFileSync('tar', ['--format=ustar', '-cf', 'c.tar', 'metadata', 'empty'], { cwd: directory });
  const { [long]: _, ...short } = files;
  expect({
    listed,
    pax: await contents(join(directory, 'b.tar')),
    ustar: await contents(join(directory, 'c.tar')),
  }).toEqual({
    listed: Object.keys(files),
    pax: files,
    ustar: short,
  });
});

it.each([
  ['cut in a file', (bytes: Uint8Array) => bytes.subarray(0, 5 * 512), 'it ends in the middle'],
  ['without an end', (bytes: Uint8Array) => bytes.subarray(0, 1024), 'its end is missing'],
  ['not an archive', () => Buffer.alloc(2048, 'x'), 'it is not a tar archive'],
  ['empty', () => new Uint8Array(), 'its end is missing'],
])('refuses an archive that is %s', async (_, spoil, message) => {
  await expect(contents(await write(spoil(archive())))).rejects.toThrow(message);
});
