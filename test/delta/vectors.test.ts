import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { applyPatch } from '../../src/main/download/delta/patch/apply-patch.ts';
import { createChunker, sizesFor } from '../../src/shared/chunks/chunker.ts';

/** The test vectors of docs/formats.md. Published files stay readable, so vectors may be added but never changed. */

const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();

function stream(blocks: number): Buffer {
  return Buffer.concat(Array.from({ length: blocks }, (_, n) => sha256(`electron-tuf-updater vector ${n}`)));
}

it('splits the vector stream where docs/formats.md says', () => {
  const bytes = stream(4096);
  const cuts = [...createChunker(sizesFor(4096)).push(bytes), bytes.length];
  expect({
    count: cuts.length,
    first: cuts.slice(0, 4),
    sha256: sha256(cuts.join(',')).toString('hex'),
  }).toEqual({
    count: 30,
    first: [5207, 9322, 13_812, 17_052],
    sha256: '839a21358f935d11e99e4f7a35c69c8b4e809e80a7dd5a43fe554378e774f4ad',
  });
});

it('applies the vector patch of docs/formats.md', async () => {
  const formats = await readFile(join(import.meta.dirname, '../../docs/formats.md'), 'utf8');
  const patch = Buffer.from(/^4554555001[0-9a-f\n]+$/m.exec(formats)?.[0].replaceAll('\n', '') ?? '', 'hex');
  const base = stream(16);
  const result = Buffer.concat([base.subarray(256), Buffer.from('new bytes'), base.subarray(0, 256)]);
  result.writeUInt8((result.readUInt8(40) + 3) % 256, 40);

  const directory = await mkdtemp(join(tmpdir(), 'vectors-'));
  const file = async (name: string, bytes: Uint8Array): Promise<Awaited<ReturnType<typeof open>>> => {
    await writeFile(join(directory, name), bytes);
    return open(join(directory, name), 'r+');
  };
  const files = [await file('patch', patch), await file('base', base), await file('output', Buffer.alloc(0))] as const;
  try {
    const described = { length: result.length, sha256: sha256(result).toString('hex') };
    await applyPatch({
      patch: files[0],
      base: files[1],
      result: described,
      write: async (at, block) => void (await files[2].write(block, 0, block.length, at)),
    });
    expect((await readFile(join(directory, 'output'))).equals(result)).toBe(true);
  } finally {
    for (const one of files) await one.close();
    await rm(directory, { recursive: true, force: true });
  }
});
