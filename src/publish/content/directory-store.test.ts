import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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
  it('stores an artifact under its hash and links it under its name, readable by every user', async () => {
    await put();
    expect({
      names: (await readdir(served)).toSorted(),
      text: await readFile(join(served, hashed)),
      linked: (await inode(hashed)) === (await inode('Notes.AppImage')),
      mode: (await stat(join(served, hashed))).mode & 0o777,
    }).toEqual({ names: ['Notes.AppImage', hashed].toSorted(), text: bytes, linked: true, mode: 0o644 });
  });

  it('does not copy a stored file again', async () => {
    await put();
    const before = await inode(hashed);
    await put();
    expect(await inode(hashed)).toBe(before);
  });

  it.each(['Notes.AppImage', hashed])('restores %s after it was deleted', async (name) => {
    await put();
    await unlink(join(served, name));
    await put();
    expect(await readFile(join(served, name))).toEqual(bytes);
  });

  it('replaces a damaged file', async () => {
    await mkdir(served, { recursive: true });
    await writeFile(join(served, hashed), 'half of the by');
    await put();
    expect(await readFile(join(served, hashed))).toEqual(bytes);
  });

  it('refuses other bytes for a published name and changes nothing', async () => {
    await put();
    await writeFile(source, 'others');
    await expect(put(digestBytes(Buffer.from('others')))).rejects.toMatchObject({ code: 'PUBLISH_IMMUTABLE' });
    const [names, text] = [await readdir(served), await readFile(join(served, 'Notes.AppImage'))];
    expect({ names: names.toSorted(), text }).toEqual({ names: ['Notes.AppImage', hashed].toSorted(), text: bytes });
  });

  it('refuses a source that changed after it was hashed, and stores nothing', async () => {
    await writeFile(source, 'changed after hashing');
    await expect(put()).rejects.toMatchObject({ code: 'PUBLISH_INPUT' });
    expect(await readdir(served)).toEqual([]);
  });

  it("removes its own earlier runs' leftovers and anyone's day-old ones, but not files that are being written", async () => {
    await put();
    const runs = JSON.parse(await readFile(join(directory, 'state/store-runs.json'), 'utf8')) as readonly string[];
    const own = `.${runs.at(-1)}-0123456789ab.tmp`;
    const [foreign, abandoned] = ['.00000000000f-0123456789ab.tmp', '.00000000000e-0123456789ab.tmp'];
    for (const name of [own, foreign, abandoned]) await writeFile(join(served, name), 'half');
    const dayAgo = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(served, abandoned), dayAgo, dayAgo);
    await put();
    expect((await readdir(served)).filter((name) => name.endsWith('.tmp'))).toEqual([foreign]);
  });

  it('reports which files it holds and provides them as local files', async () => {
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

  it('has the same id through every symbolic link', async () => {
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

  it('fails with PUBLISH_CONTENT when it cannot be written', async () => {
    await writeFile(join(directory, 'content'), 'a file is in the way');
    await expect(put()).rejects.toMatchObject({ code: 'PUBLISH_CONTENT' });
  });
});
