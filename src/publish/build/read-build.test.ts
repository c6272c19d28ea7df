import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { type Build, readBuild, type ReadBuildOptions } from './read-build.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'build-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

async function file(name: string, text = `bytes of ${name}`): Promise<{ url: string; sha512: string; size: number }> {
  await writeFile(join(directory, name), text);
  return { url: name, sha512: createHash('sha512').update(text).digest('base64'), size: text.length };
}

async function yml(name: string, files: readonly object[], more: object = {}): Promise<void> {
  const info = { version: '1.1.0', files, releaseDate: '2026-11-22T10:00:00.000Z', ...more };
  await writeFile(join(directory, name), stringify(info));
}

async function read(options: Partial<ReadBuildOptions> = {}): Promise<Build> {
  return readBuild({ directory, channel: 'stable', ...options });
}

function summary(build: Build): readonly string[] {
  return build.artifacts.map(({ name, kind, platform, arches }) => `${name}: ${kind} ${platform} ${arches.join('+')}`);
}

describe('reading what electron-builder wrote', () => {
  it('finds every installer of every platform with its kind and architecture', async () => {
    await yml('latest-linux.yml', [
      await file('Notes-1.1.0-x86_64.AppImage'),
      await file('notes_1.1.0_amd64.deb'),
      await file('notes-1.1.0.x86_64.rpm'),
      await file('notes-1.1.0.pacman'),
    ]);
    await yml('latest-linux-arm64.yml', [
      await file('Notes-1.1.0-arm64.AppImage'),
      await file('notes-1.1.0.aarch64.rpm'),
    ]);
    await yml('latest-linux-arm.yml', [await file('Notes.AppImage')]);
    await yml('latest-linux-ia32.yml', [await file('notes-1.1.0.i686.rpm')]);
    await yml('latest.yml', [await file('Notes-Setup-1.1.0.exe')]);
    await yml('latest-mac.yml', [await file('Notes-1.1.0-arm64-mac.zip'), await file('Notes-1.1.0-universal.dmg')]);
    for (const other of [
      'builder-debug.yml',
      'builder-effective-config.yaml',
      'Notes-1.0.0.AppImage',
      'Notes.exe.blockmap',
    ])
      await file(other);
    await mkdir(join(directory, 'linux-unpacked'));
    await file('notes-1.1.0.tar.gz');
    await file('Notes-1.1.0-win.zip');
    await file('Notes-1.1.0-mac.zip');
    await file('Notes-11.1.0-win.zip');

    const build = await read();
    expect({ ...build, artifacts: summary(build).toSorted() }).toEqual({
      version: '1.1.0',
      releasedAt: '2026-11-22T10:00:00.000Z',
      notes: undefined,
      policies: {},
      ignored: ['Notes-1.1.0-universal.dmg'],
      artifacts: [
        'Notes-1.1.0-arm64-mac.zip: mac-zip darwin arm64',
        'Notes-1.1.0-arm64.AppImage: appimage linux arm64',
        'Notes-1.1.0-win.zip: portable win32 x64',
        'Notes-1.1.0-x86_64.AppImage: appimage linux x64',
        'Notes-Setup-1.1.0.exe: nsis win32 x64',
        'Notes.AppImage: appimage linux armv7l',
        'notes-1.1.0.aarch64.rpm: rpm linux arm64',
        'notes-1.1.0.i686.rpm: rpm linux ia32',
        'notes-1.1.0.pacman: pacman linux x64',
        'notes-1.1.0.tar.gz: portable linux x64',
        'notes-1.1.0.x86_64.rpm: rpm linux x64',
        'notes_1.1.0_amd64.deb: deb linux x64',
      ],
    });
  });

  it('hashes each file', async () => {
    await yml('latest-linux.yml', [await file('Notes.AppImage', 'abc')]);
    expect((await read()).artifacts[0]?.digest).toEqual({
      length: 3,
      sha256: createHash('sha256').update('abc').digest('hex'),
      sha512: createHash('sha512').update('abc').digest('hex'),
    });
  });

  it("reads the channel's yml, or else latest.yml", async () => {
    await yml('beta-linux.yml', [await file('Beta.AppImage')], { version: '2.0.0-beta.1' });
    await yml('latest-linux.yml', [await file('Latest.AppImage')]);
    const versions = [await read({ channel: 'beta' }), await read({ channel: 'nightly' })].map(
      ({ version }) => version,
    );
    expect(versions).toEqual(['2.0.0-beta.1', '1.1.0']);
  });

  it.each([
    ['text', 'Better.', 'Better.'],
    [
      'a list',
      [
        { version: '1.1.0', note: 'New.' },
        { version: '1.0.0', note: 'Old.' },
      ],
      'New.',
    ],
  ])('reads release notes from %s', async (_what, releaseNotes, notes) => {
    await yml('latest-linux.yml', [await file('Notes.AppImage')], { releaseNotes });
    expect((await read()).notes).toBe(notes);
  });

  it('takes the architectures of a multi-architecture installer from the options', async () => {
    await yml('latest.yml', [await file('Notes-Setup.exe')]);
    expect(summary(await read({ arches: ['x64', 'arm64'] }))).toEqual(['Notes-Setup.exe: nsis win32 x64+arm64']);
  });

  it('takes version and platform from the options when there is no yml', async () => {
    await file('Notes-1.1.0.AppImage');
    await file('Notes-1.0.0.AppImage');
    expect(summary(await read({ unlisted: { version: '1.1.0', platform: 'linux' } }))).toEqual([
      'Notes-1.1.0.AppImage: appimage linux x64',
    ]);
  });

  it('takes what the ymls say of rollout and system version, by platform', async () => {
    await yml('latest.yml', [await file('Notes-Setup-1.1.0.exe')], {
      stagingPercentage: 12.5,
      minimumSystemVersion: '10.0.19041',
    });
    await yml('latest-mac.yml', [await file('Notes-1.1.0-mac.zip')], { minimumSystemVersion: '23.1.0' });
    await yml('latest-linux.yml', [await file('Notes-1.1.0.AppImage')], { releaseDate: '2026-11-22' });
    const { policies } = await read();
    expect(policies).toEqual({
      win32: { rollout: { basisPoints: 1250 }, minimumSystemVersion: '10.0.19041' },
      darwin: { minimumSystemVersion: '14.1' },
    });
  });

  it('takes archives of the app alone, and tells what else it found', async () => {
    await yml('latest-linux.yml', [await file('Notes-1.1.0.AppImage')], { releaseDate: '2026-11-22' });
    const others = ['-dev.3.tar.gz', '-canary.1.tar.gz', '-source.tar.gz', '-symbols.tar.gz', '-src.zip'];
    for (const end of ['.tar.gz', '-x64.zip', ...others]) await file(`notes-1.1.0${end}`);
    const build = await read();
    expect({ ...build, artifacts: summary(build), ignored: build.ignored.toSorted() }).toMatchObject({
      releasedAt: '2026-11-22T00:00:00.000Z',
      artifacts: ['Notes-1.1.0.AppImage: appimage linux x64', 'notes-1.1.0.tar.gz: portable linux x64'],
      ignored: [...others, '-x64.zip'].map((end) => `notes-1.1.0${end}`).toSorted(),
    });
  });

  it("knows the architecture from the yml, not from the product's name", async () => {
    await yml('latest-linux.yml', [await file('qemu-arm64-studio-1.1.0.AppImage')]);
    await yml('latest.yml', [await file('qemu-arm64-studio-Setup-1.1.0.exe')]);
    await mkdir(join(directory, 'win-unpacked'));
    expect(summary(await read())).toEqual(
      [
        'qemu-arm64-studio-1.1.0.AppImage: appimage linux x64',
        'qemu-arm64-studio-Setup-1.1.0.exe: nsis win32 x64',
      ].toSorted(),
    );
  });

  it('prefers the installer for one architecture to the one for several', async () => {
    await yml('latest.yml', [
      await file('Notes-Setup-1.1.0.exe'),
      await file('Notes-Setup-1.1.0-x64.exe'),
      await file('Notes-Setup-1.1.0-arm64.exe'),
    ]);
    const build = await read({ arches: ['x64', 'arm64', 'ia32'] });
    expect(summary(build)).toEqual([
      'Notes-Setup-1.1.0.exe: nsis win32 ia32',
      'Notes-Setup-1.1.0-x64.exe: nsis win32 x64',
      'Notes-Setup-1.1.0-arm64.exe: nsis win32 arm64',
    ]);
  });

  it('is for the architecture of the only unpacked app beside an installer', async () => {
    await yml('latest.yml', [await file('Notes-Setup-1.1.0.exe')]);
    await mkdir(join(directory, 'win-arm64-unpacked'));
    expect(summary(await read())).toEqual(['Notes-Setup-1.1.0.exe: nsis win32 arm64']);
  });

  it.each(['Notes Setup 1.1.0.exe', 'notes-setup-1.1.0.exe'])(
    'publishes NSIS installers with spaces in their names, listed as %s',
    async (url) => {
      await yml('latest.yml', [{ ...(await file('Notes Setup 1.1.0.exe')), url }]);
      expect((await read()).artifacts).toMatchObject([
        { name: url.replaceAll(' ', '-'), file: join(directory, 'Notes Setup 1.1.0.exe') },
      ]);
    },
  );

  it('reports its progress', async () => {
    await yml('latest-linux.yml', [await file('a.AppImage', '12345'), await file('b.deb', '123')]);
    const seen: [number, number][] = [];
    await read({ onProgress: (done, total) => seen.push([done, total]) });
    expect(seen).toEqual([
      [5, 8],
      [8, 8],
    ]);
  });
});

describe('a build that cannot be published', () => {
  const good = 'Notes.AppImage';
  it.each<[string, () => Promise<void>, RegExp]>([
    ['no directory', async () => rm(directory, { recursive: true }), /cannot be read/],
    ['an empty directory', async () => Promise.resolve(), /holds nothing to publish/],
    [
      'only files that no hook can install',
      async () => yml('latest-mac.yml', [await file('Notes.dmg')]),
      /holds nothing/,
    ],
    [
      'a listed file that is missing',
      async () => yml('latest-linux.yml', [{ ...(await file('x')), url: good }]),
      /cannot be read/,
    ],
    [
      'other bytes than listed',
      async () => (await yml('latest-linux.yml', [await file(good)]), void (await file(good, 'other'))),
      /was changed after the build/,
    ],
    [
      'another size than listed',
      async () => yml('latest-linux.yml', [{ ...(await file(good)), size: 1 }]),
      /was changed after the build/,
    ],
    ['an empty file', async () => yml('latest-linux.yml', [await file(good, '')]), /is empty/],
    [
      'two versions',
      async () => (
        await yml('latest.yml', [await file('a.exe')]),
        yml('latest-linux.yml', [await file(good)], { version: '1.0.0' })
      ),
      /latest-linux\.yml is for version 1\.0\.0/,
    ],
    [
      'an invalid version',
      async () => yml('latest-linux.yml', [await file(good)], { version: '1.1' }),
      /version.*is not a semantic version/,
    ],
    [
      'a version with build metadata',
      async () => yml('latest-linux.yml', [await file(good)], { version: '1.1.0+5' }),
      /is not a semantic version/,
    ],
    [
      'an invalid hash',
      async () => yml('latest-linux.yml', [{ ...(await file(good)), sha512: 'x' }]),
      /files\.0\.sha512/,
    ],
    ['no YAML', async () => void (await file('latest-linux.yml', '"')), /is not YAML/],
    ['a name that no address can have', async () => yml('latest.yml', [await file('Notes (1).exe')]), /artifactName/],
    [
      'a version that YAML reads as a number',
      async () => yml('latest-linux.yml', [await file(good)], { version: 1.1 }),
      /version: 1\.1 is not a semantic version.*package\.json/,
    ],
    [
      'a web installer',
      async () => yml('latest.yml', [await file('Notes-Setup.exe')], { packages: { x64: { path: 'notes.7z' } } }),
      /web installer.*nsis-web/,
    ],
    [
      'an update file of another channel alone',
      async () => yml('beta-linux.yml', [await file(good)]),
      /nothing for the channel stable.*--channel beta/,
    ],
    [
      'an architecture that yml and name disagree on',
      async () => yml('latest-linux.yml', [await file('Notes-1.1.0-arm64.AppImage')]),
      /names arm64.*x64/,
    ],
    [
      'an installer that may be for several architectures',
      async () => (
        await yml('latest.yml', [await file('Notes-Setup-1.1.0.exe')]),
        await mkdir(join(directory, 'win-unpacked')),
        mkdir(join(directory, 'win-arm64-unpacked'))
      ),
      /arm64 and x64 builds.*--arch arm64,x64/,
    ],
    [
      'two files of one kind and architecture',
      async () => yml('latest-linux.yml', [await file('One.AppImage'), await file('Two.AppImage')]),
      /One\.AppImage and Two\.AppImage|Two\.AppImage and One\.AppImage/,
    ],
    [
      'update files of one platform that differ in their policy',
      async () => (
        await yml('latest-linux.yml', [await file(good)], { stagingPercentage: 10 }),
        yml('latest-linux-arm64.yml', [await file('Notes-arm64.AppImage')])
      ),
      /differ in stagingPercentage/,
    ],
    [
      'a share that is none',
      async () => yml('latest-linux.yml', [await file(good)], { stagingPercentage: 120 }),
      /stagingPercentage/,
    ],
    [
      'a system version that is one of macOS or of its kernel',
      async () => yml('latest-mac.yml', [await file('Notes-mac.zip')], { minimumSystemVersion: '13.0' }),
      /--minimum-system-version/,
    ],
    [
      'a name that leaves the directory',
      async () => yml('latest.yml', [{ ...(await file('a')), url: '../a.exe' }]),
      /artifactName/,
    ],
    ['a name that is too long', async () => yml('latest.yml', [await file(`${'n'.repeat(190)}.exe`)]), /more than 190/],
  ])('is refused: %s', async (_what, prepare, message) => {
    await prepare();
    await expect(read()).rejects.toMatchObject({
      code: 'PUBLISH_INPUT',
      message: expect.stringMatching(message) as string,
    });
  });
});
