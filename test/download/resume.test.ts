import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDownloadRig, type DownloadRig } from '../support/download-rig.ts';
import * as evil from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { requires, root } from '../support/requires.ts';
import { trustedTarget } from '../support/trusted-target.ts';

const bytes = seededBytes(3_000_000);
const length = bytes.length;
const there = 2_000_000;

describe('an interrupted download', () => {
  let server: evil.EvilServer;
  let rig: DownloadRig;
  beforeEach(async () => {
    server = await evil.startEvilServer(bytes);
    rig = await createDownloadRig(bytes, [server.url]);
    server.once(evil.truncated(there));
    server.always(evil.status(403));
    await rig.run();
    server.always(evil.good);
    server.forget();
  });
  afterEach(async () => {
    await rig.close();
    await server.close();
  });
  const part = (): string => `${rig.to}.part`;
  const journal = (): string => `${rig.to}.part.json`;
  const asked = (): unknown[] => server.requests.map(({ headers }) => [headers.range, headers['if-range']]);
  const rest = `bytes=${there}-${length - 1}`;

  it('requests the rest on the condition that it is the same edition', async () => {
    expect({
      outcome: await rig.run(),
      asked: asked(),
      names: await rig.names(),
    }).toEqual({
      outcome: { right: true, received: length - there, saved: there, requests: 1 },
      asked: [[rest, '"first"']],
      names: ['file.bin'],
    });
  });

  it('reports the bytes found before those fetched', async () => {
    const phases = new Set<string>();
    await rig.run({ onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(['copy', 'download', 'verify']);
  });

  it.each<[string, (path: string) => Promise<void>, number]>([
    ['lost its end', async (path) => truncate(path, 1_000_000), 1_048_576],
    ['is gone', async (path) => rm(path), 0],
    ['is empty', async (path) => truncate(path, 0), 0],
    ['is full of zeros', async (path) => writeFile(path, Buffer.alloc(length)), 0],
    ['has one wrong bit', async (path) => flip(path, 1_234_567), there - 65_536],
    ['is longer than the file', async (path) => writeFile(path, 'x'.repeat(500), { flag: 'a' }), there],
  ])('fetches what is missing or wrong when the part %s', async (_what, spoil, most) => {
    await spoil(part());
    const outcome = await rig.run();
    expect(outcome).toMatchObject({ right: true });
    expect('saved' in outcome && [outcome.saved <= most, outcome.saved + outcome.received]).toEqual([true, length]);
    expect(await rig.names()).toEqual(['file.bin']);
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ['is gone', async (path) => rm(path)],
    ['is empty', async (path) => truncate(path, 0)],
    ['is not a journal', async (path) => writeFile(path, '\0'.repeat(5000))],
    ['belongs to another file', async (path) => replaceIn(path, /sha256:../, 'sha256:zz')],
    ['lists blocks outside the file', async (path) => replaceIn(path, /"end":\d+/g, `"end":${length + 1}`)],
    ['lists wrong checksums', async (path) => replaceIn(path, /"crc32":\d+/g, '"crc32":1')],
  ])('starts over when the journal %s', async (_what, spoil) => {
    await spoil(journal());
    expect([await rig.run(), await rig.names()]).toEqual([
      { right: true, received: length, saved: 0, requests: 1 },
      ['file.bin'],
    ]);
  });

  it('loses one block to a torn line', async () => {
    await truncate(journal(), (await readFile(journal())).length - 3);
    const outcome = await rig.run();
    expect(outcome).toMatchObject({ right: true });
    expect('saved' in outcome && outcome.saved).toBeGreaterThanOrEqual(there - 262_144 - 65_536);
  });

  it('is not deceived by a journal whose checksums match wrong bytes', async () => {
    const { crc32 } = await import('node:zlib');
    const wrong = await readFile(part());
    wrong[10] = (wrong[10] ?? 0) ^ 1;
    await writeFile(part(), wrong);
    const lines = (await readFile(journal(), 'utf8')).split('\n').map((line) => {
      const entry = JSON.parse(line || '{}') as { at?: number; end: number };
      return entry.at === undefined
        ? line
        : JSON.stringify({ ...entry, crc32: crc32(wrong.subarray(entry.at, entry.end)) });
    });
    await writeFile(journal(), lines.join('\n'));
    expect([await rig.run(), rig.logger.lines.filter((line) => line.includes('other bytes'))]).toEqual([
      { right: true, received: length - there + length, saved: 0, requests: 2 },
      [],
    ]);
  });

  it('fetches the whole new edition if the server has one, and discards the old bytes', async () => {
    server.always(evil.edition(bytes, '"second"'));
    expect([await rig.run(), asked()]).toEqual([
      { right: true, received: length, saved: 0, requests: 2 },
      [
        [rest, '"first"'],
        [undefined, undefined],
      ],
    ]);
  });

  it('trusts the hash, not a validator that changes with every response', async () => {
    let count = 0;
    server.always((turn) => evil.edition(bytes, `"${count++}"`)(turn));
    expect(await rig.run()).toMatchObject({ right: true });
  });

  it('resumes without a validator if the server sends none', async () => {
    await replaceIn(journal(), /,"validator":"[^}]*"/, '');
    server.always(evil.withHeaders(() => ({ etag: undefined })));
    expect([await rig.run(), asked()]).toMatchObject([{ right: true, saved: there }, [[rest, undefined]]]);
  });

  it('does not write through a planted link', async () => {
    const victim = join(rig.directory, 'victim');
    for (const plant of [symlink, link]) {
      for (const path of [part(), journal()]) {
        await writeFile(victim, 'precious');
        await rm(path, { force: true });
        await plant(victim, path);
        expect(await rig.run()).toMatchObject({ right: true });
        expect(await readFile(victim, 'utf8')).toBe('precious');
        await rm(rig.to);
      }
    }
  });

  it('makes part and journal private to the user', async () => {
    const modes = await Promise.all([part(), journal()].map(async (path) => (await stat(path)).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600]);
  });

  const exposures: [string, (path: string) => Promise<void>][] = [
    ['others may write', async (path) => chmod(path, 0o666)],
    ['others may read', async (path) => chmod(path, 0o644)],
  ];
  if (root.isMet) exposures.push(['another user owns', async (path) => chown(path, 65_534, 65_534)]);
  it.each(exposures)('starts over in a new file if the part is one that %s', async (_what, change) => {
    const before = await open(part());
    await change(part());
    expect(await rig.run()).toEqual({ right: true, received: length, saved: 0, requests: 1 });
    const [old, finished] = [await before.stat(), await stat(rig.to)];
    await before.close();
    expect({
      isSameFile: old.ino === finished.ino,
      mode: finished.mode & 0o777,
      uid: finished.uid,
    }).toEqual({
      isSameFile: false,
      mode: 0o600,
      uid: process.getuid?.(),
    });
  });

  it.each(['.part', '.part.json', '.part.lock', ''])(
    'names the folder that stands in its way as file.bin%s',
    async (end) => {
      await rm(`${rig.to}${end}`, { force: true });
      await mkdir(`${rig.to}${end}`);
      expect(await rig.run()).toEqual({ code: 'DOWNLOAD_DISK' });
      await rm(`${rig.to}${end}`, { recursive: true });
      expect(await rig.run()).toMatchObject({ right: true });
    },
  );

  it('does not accept a file that another user could still change', requires(root), async () => {
    const found = [];
    for (const [uid, mode] of [
      [65_534, 0o644],
      [0, 0o666],
      [0, 0o644],
    ] as const) {
      await writeFile(rig.to, bytes);
      await chmod(rig.to, mode);
      await chown(rig.to, uid, uid);
      const before = (await stat(rig.to)).ino;
      await rig.run();
      found.push((await stat(rig.to)).ino === before);
    }
    await rm(rig.to);
    await writeFile(`${rig.to}.elsewhere`, bytes);
    await symlink(`${rig.to}.elsewhere`, rig.to);
    await rig.run();
    expect([found, (await lstat(rig.to)).isFile()]).toEqual([[false, false, true], true]);
  });

  it('replaces an older file of the same name only with a verified one', async () => {
    await writeFile(rig.to, 'the old one');
    server.always(evil.status(404));
    expect([await rig.run(), await readFile(rig.to, 'utf8')]).toEqual([{ code: 'DOWNLOAD_NOT_FOUND' }, 'the old one']);
    server.always(evil.good);
    expect(await rig.run()).toMatchObject({ right: true });
  });

  it('does not touch the part of another target', async () => {
    const other = seededBytes(length, 7);
    server.always(evil.edition(other, '"other"'));
    const task = rig.start({ target: trustedTarget(other) });
    expect(await task.done).toMatchObject({ bytesReceived: length, bytesSaved: 0 });
    expect((await readFile(rig.to)).equals(other)).toBe(true);
  });
});

async function flip(path: string, index: number): Promise<void> {
  const content = await readFile(path);
  content[index] = (content[index] ?? 0) ^ 1;
  await writeFile(path, content);
}

async function replaceIn(path: string, pattern: RegExp, text: string): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replace(pattern, text));
}
