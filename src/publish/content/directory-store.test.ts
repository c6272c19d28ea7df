import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { digestBytes } from '../../files/hash-file.ts';
import type { ContentFile, ContentStore } from './content-store.ts';
import { createDirectoryStore } from './directory-store.ts';

const path = 'org.example.notes/releases/1.0.0/Notes.AppImage';
const bytes = Buffer.from('the bytes of 1.0.0');
const file: ContentFile = { path, ...digestBytes(bytes) };
const hashed = `${file.sha256}.Notes.AppImage`;

let directory: string;
let source: string;
let served: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'content-'));
  source = join(directory, 'source');
  served = join(directory, 'content', 'org.example.notes', 'releases', '1.0.0');
  await writeFile(source, bytes);
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

function storeIn(state: string): ContentStore {
  return createDirectoryStore(join(directory, 'content'), join(directory, state));
}

async function put(change: Partial<ContentFile> = {}): Promise<void> {
  await storeIn('state').put({ ...file, ...change }, source, { plainName: true });
}

async function inode(name: string): Promise<number> {
  return (await stat(join(served, name))).ino;
}

describe('the content directory', () => {
  it('holds an artifact under its hash and, as a hard link, under its name, readable by all', async () => {
    await put();
    expect({
      names: (await readdir(served)).toSorted(),
      text: await readFile(join(served, hashed)),
      linked: (await inode(hashed)) === (await inode('Notes.AppImage')),
      mode: (await stat(join(served, hashed))).mode & 0o777,
    }).toEqual({ names: ['Notes.AppImage', hashed].toSorted(), text: bytes, linked: true, mode: 0o644 });
  });

  it('copies nothing twice', async () => {
    await put();
    const before = await inode(hashed);
    await put();
    expect(await inode(hashed)).toBe(before);
  });

  it.each(['Notes.AppImage', hashed])('gives %s back when it was lost', async (name) => {
    await put();
    await unlink(join(served, name));
    await put();
    expect(await readFile(join(served, name))).toEqual(bytes);
  });

  it('mends bytes that were damaged under their hash', async () => {
    await mkdir(served, { recursive: true });
    await writeFile(join(served, hashed), 'half of the by');
    await put();
    expect(await readFile(join(served, hashed))).toEqual(bytes);
  });

  it('refuses other bytes under a published name and touches nothing', async () => {
    await put();
    await writeFile(source, 'others');
    await expect(put(digestBytes(Buffer.from('others')))).rejects.toMatchObject({ code: 'PUBLISH_IMMUTABLE' });
    expect([await readdir(served), await readFile(join(served, 'Notes.AppImage'))]).toEqual([
      ['Notes.AppImage', hashed].toSorted((a, b) => (a < b ? -1 : 1)),
      bytes,
    ]);
  });

  it('refuses a source that changed after it was hashed, and keeps none of it', async () => {
    await writeFile(source, 'changed after hashing');
    await expect(put()).rejects.toMatchObject({ code: 'PUBLISH_INPUT' });
    expect(await readdir(served)).toEqual([]);
  });

  it('clears away what a killed run of this machine left, and what another one left a day ago, not what it writes', async () => {
    await mkdir(served, { recursive: true });
    const own = `.${createHash('sha256')
      .update(`${hostname()}\n${join(directory, 'state')}`)
      .digest('hex')
      .slice(0, 12)}-0123456789ab.tmp`;
    const [foreign, abandoned] = ['.00000000000f-0123456789ab.tmp', '.00000000000e-0123456789ab.tmp'];
    for (const name of [own, foreign, abandoned]) await writeFile(join(served, name), 'half');
    const dayAgo = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(served, abandoned), dayAgo, dayAgo);
    await put();
    expect((await readdir(served)).filter((name) => name.endsWith('.tmp'))).toEqual([foreign]);
  });

  it('tells what it holds, and gives it as a local file', async () => {
    const store = storeIn('state');
    const to = join(directory, 'local');
    const before = { has: await store.has(file), fetched: await store.fetchTo(file, to) };
    await put();
    const after = { has: await store.has(file), fetched: await store.fetchTo(file, to), bytes: await readFile(to) };
    expect({ before, after, shorter: await store.has({ ...file, length: 3 }) }).toEqual({
      before: { has: false, fetched: false },
      after: { has: true, fetched: true, bytes },
      shorter: false,
    });
  });

  it('has one id, whatever links lead to it', async () => {
    await mkdir(join(directory, 'content'));
    await symlink(join(directory, 'content'), join(directory, 'link'));
    const ids = ['content', 'link', 'link/../content/'].map(
      (name) => createDirectoryStore(`${directory}/${name}`, '.').id,
    );
    expect(new Set(ids).size).toBe(1);
  });

  it('stores a release index under its hash only', async () => {
    const index = { path: 'org.example.notes/channels/stable/linux-x64.json', ...digestBytes(bytes) };
    await storeIn('state').put(index, bytes);
    expect(await readdir(join(directory, 'content/org.example.notes/channels/stable'))).toEqual([
      `${file.sha256}.linux-x64.json`,
    ]);
  });

  it('says what to do when it cannot be written', async () => {
    await writeFile(join(directory, 'content'), 'a file is in the way');
    await expect(put()).rejects.toMatchObject({ code: 'PUBLISH_CONTENT' });
  });
});
