import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { digestBytes } from '../../files/hash-file.ts';
import type { ContentFile } from './content-store.ts';
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

async function put(change: Partial<ContentFile> = {}): Promise<void> {
  await createDirectoryStore(join(directory, 'content')).putArtifact({ ...file, ...change }, source);
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

  it('clears away what a killed run left', async () => {
    await mkdir(served, { recursive: true });
    await writeFile(join(served, '.0123456789ab.tmp'), 'half');
    await put();
    expect(await readdir(served)).not.toContain('.0123456789ab.tmp');
  });

  it('stores a release index under its hash only', async () => {
    const index = { path: 'org.example.notes/channels/stable/linux-x64.json', ...digestBytes(bytes) };
    await createDirectoryStore(join(directory, 'content')).putIndex(index, bytes);
    expect(await readdir(join(directory, 'content/org.example.notes/channels/stable'))).toEqual([
      `${file.sha256}.linux-x64.json`,
    ]);
  });

  it('says what to do when it cannot be written', async () => {
    await writeFile(join(directory, 'content'), 'a file is in the way');
    await expect(put()).rejects.toMatchObject({ code: 'PUBLISH_CONTENT' });
  });
});
