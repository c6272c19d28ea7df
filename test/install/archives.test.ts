// @module-tag slow
import { execFileSync } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { inMemory } from '../support/in-memory.ts';
import { requires } from '../support/requires.ts';
import { layOut, nextStart, openInstallation, installRelease } from './faults/rig.ts';

/** Entries as Python's own libraries write them, each in the form `name, content, type, mode, link`. */
const writers = {
  tar: `
import tarfile, io
types = {'file': tarfile.REGTYPE, 'link': tarfile.SYMTYPE, 'hard link': tarfile.LNKTYPE, 'pipe': tarfile.FIFOTYPE, 'device': tarfile.CHRTYPE, 'directory': tarfile.DIRTYPE}
archive = tarfile.open(P, 'w:gz')
def add(name, content=b'', type='file', mode=0o644, link=''):
  info = tarfile.TarInfo(name)
  info.type, info.mode, info.linkname, info.size = types[type], mode, link, len(content)
  archive.addfile(info, io.BytesIO(content))
`,
  zip: `
import zipfile, warnings
warnings.simplefilter('ignore')
types = {'file': 0o100000, 'link': 0o120000, 'pipe': 0o010000, 'device': 0o020000, 'directory': 0o040000}
archive = zipfile.ZipFile(P, 'w', zipfile.ZIP_DEFLATED)
def add(name, content=b'', type='file', mode=0o644, link=''):
  info = zipfile.ZipInfo('x')
  info.filename = name
  info.create_system = 3
  info.compress_type = zipfile.ZIP_DEFLATED
  info.external_attr = (types[type] | mode) << 16
  archive.writestr(info, link.encode() if type == 'link' else content)
`,
};
type Format = keyof typeof writers;

/** Every archive contains this program, so that an archive is refused only for another reason. */
const program = `add('Notes', b'#!/bin/sh\\necho 1.1.0\\n', mode=0o755)\n`;

const refused: readonly (readonly [string, entries: string, why: RegExp, only?: Format])[] = [
  ['a path that leaves it', `add('../evil')`, /"?\.\.\/evil|invalid relative path/],
  ['a path that leaves it on a detour', `add('a/../../evil')`, /evil|invalid relative path/],
  ['an absolute path', `add('/tmp/evil-of-archive')`, /evil|absolute path/],
  ['a path with a backslash', `add('..\\\\evil')\nadd('Notes.exe\\\\..\\\\x')`, /invalid characters/, 'zip'],
  ['an empty name', `add('')`, /no name|its path|path is required/],
  ['the name of a parent', `add('..', type='directory')`, /its path|invalid relative path/],
  ['a name of 256 bytes', `add('${'n'.repeat(256)}')`, /its path/],
  ['directories without end', `add('${'d/'.repeat(65)}f')`, /its path/],
  ['a link that leaves it', `add('l', type='link', link='../../evil')`, /it links to "\.\.\/\.\.\/evil"/],
  ['a link to an absolute path', `add('l', type='link', link='/etc/passwd')`, /it links to "\/etc\/passwd"/],
  ['a link that leaves it on a detour', `add('l', type='link', link='d/../../evil')`, /it links to/],
  ['a link to nothing', `add('l', type='link', link='')`, /it links to ""|linkpath required/],
  [
    'a file behind a link',
    `add('l', type='link', link='d')\nadd('l/evil', b'x')`,
    /"l", which is refused: another entry/,
  ],
  ['a link in the place of a directory', `add('l/f', b'x')\nadd('l', type='link', link='d')`, /same name/],
  ['a hard link', `add('l', type='hard link', link='/etc/passwd')`, /it is a Link/, 'tar'],
  ['a hard link within', `add('l', type='hard link', link='Notes')`, /it is a Link/, 'tar'],
  ['a pipe', `add('p', type='pipe')`, /it is a FIFO|of type 10000/],
  ['a device', `add('d', type='device')`, /it is a CharacterDevice|of type 20000/],
  ['a name that comes twice', `add('f', b'one')\nadd('f', b'two')`, /same name/],
  ['its program twice', program, /same name/],
  ['a file and a directory of one name', `add('f', b'one')\nadd('f/g', b'two')`, /same name/],
  ['a bomb', `add('b', bytes(80 << 20))`, /becomes larger than|ratio exceeded/],
  [
    'much content under a refused name',
    `import os\nadd('/'.join(['d'] * 70) + '/f', os.urandom(3 << 20))`,
    /which is refused/,
  ],
  ['bombs that are many', `for i in range(9): add(f'b{i}', bytes(9 << 20))`, /becomes larger than/, 'zip'],
  [
    'bytes that were changed',
    `archive.close()\nb = bytearray(open(P, 'rb').read())\nb[45] ^= 255\nopen(P, 'wb').write(b)\nclass archive:\n  close = lambda: None`,
    /cannot be unpacked|its checksum is wrong/,
  ],
  [
    'its end cut off',
    `archive.close()\nimport os\nos.truncate(P, os.path.getsize(P) * 2 // 3)\nclass archive:\n  close = lambda: None`,
    /cannot be unpacked/,
  ],
];

const useless: readonly (readonly [string, entries: string])[] = [
  ['no program', `add('x', b'x')`],
  ['a program that cannot be run', `add('Notes', b'x', mode=0o644)`],
  ['a program that is a link', `add('n', b'x', mode=0o755)\nadd('Notes', type='link', link='n')`],
  ['a directory in its place', `add('Notes', type='directory')`],
  ['a program two directories down', `add('a/b/Notes', b'x', mode=0o755)`],
  ['two directories at its top', `add('a/Notes', b'x', mode=0o755)\nadd('b/x', b'x')`],
  ['a link to the directory of the program', `add('d', type='link', link='.')`],
];

const good = {
  names: `${program}
add('readme', b'one')
add('README', b'two')
add('deep/sh', b'#!/bin/sh\\n', mode=0o6777)
add('deep/data', b'x', mode=0o666)
add('deep/link', type='link', link='../readme')`,
  'one directory': `add('notes-1.1.0/Notes', b'#!/bin/sh\\necho 1.1.0\\n', mode=0o755)\nadd('notes-1.1.0/x', b'x')`,
};

describe.each<Format>(['tar', 'zip'])('a %s', requires('python3'), (format) => {
  let directory: string;
  let home: string;
  const archives = new Map([
    ...refused.flatMap(([what, entries, , only = format]) =>
      only === format ? [[what, program + entries] as const] : [],
    ),
    ...useless,
    ...Object.entries(good),
  ]);

  beforeAll(async () => {
    directory = await mkdtemp(join(inMemory, 'archives-'));
    const scripts = [...archives].map(
      ([what, entries]) =>
        `P = ${JSON.stringify(join(directory, what))}\n${writers[format]}\n${entries}\narchive.close()\n`,
    );
    execFileSync('python3', ['-'], { input: scripts.join('\n') });
  });
  afterAll(async () => rm(directory, { recursive: true, force: true }));

  beforeEach(async () => {
    home = await mkdtemp(join(inMemory, 'archive-'));
    await layOut(home, 'portable');
  });
  afterEach(async () => rm(home, { recursive: true, force: true }));

  async function install(what: string): Promise<string> {
    await rename(join(directory, what), join(home, 'release'));
    const old = await openInstallation({ home, kind: 'portable', version: '1.0.0' });
    const refusal = await installRelease(old, 'portable');
    return refusal === undefined ? 'installed' : `${refusal.code}: ${refusal.message}`;
  }

  const ofFormat = refused.flatMap(([what, , why, only = format]) => (only === format ? [[what, why] as const] : []));
  it.each(ofFormat)('with %s is refused, and nothing is changed', async (what, why) => {
    const result = await install(what);
    expect({ result, next: await nextStart({ home, kind: 'portable' }) }).toMatchObject({
      result: expect.stringMatching(new RegExp(`^INSTALL_FAILED: .*(${why.source}).*Nothing was changed\\.$`)),
      next: { version: '1.0.0', left: [] },
    });
    const evil = (await readdir(home, { recursive: true })).filter((name) => name.includes('evil'));
    expect({ evil, apps: await readdir(join(home, 'apps')) }).toEqual({ evil: [], apps: ['Notes'] });
    await expect(stat('/tmp/evil-of-archive')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each(useless)('with %s is refused', async (what) => {
    expect({ result: await install(what), next: await nextStart({ home, kind: 'portable' }) }).toMatchObject({
      result: expect.stringMatching(/^INSTALL_FAILED: .*holds no program "Notes"/),
      next: { version: '1.0.0', left: [] },
    });
  });

  it('keeps names that differ only in case, modes without special bits, and links that stay inside', async () => {
    const result = await install('names');
    const root = join(home, 'apps/Notes.versions/1.1.0');
    const mode = async (name: string) => ((await lstat(join(root, name))).mode & 0o7777).toString(8);
    const text = async (name: string) => readFile(join(root, name), 'utf8');
    expect({
      result,
      texts: await Promise.all(['readme', 'README', 'deep/link'].map(text)),
      modes: await Promise.all(['Notes', 'deep/sh', 'deep/data', 'deep'].map(mode)),
      next: (await nextStart({ home, kind: 'portable' })).version,
    }).toEqual({
      result: 'installed',
      texts: ['one', 'two', 'one'],
      modes: ['755', '755', '644', '755'],
      next: '1.1.0',
    });
  });

  it('may contain everything in one directory', async () => {
    expect({ result: await install('one directory'), next: await nextStart({ home, kind: 'portable' }) }).toMatchObject(
      { result: 'installed', next: { version: '1.1.0', left: [] } },
    );
  });
});
