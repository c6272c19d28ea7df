import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { readBuilderConfig } from './builder-config.ts';

describe('readBuilderConfig', () => {
  let project: string;
  beforeEach(async () => (project = await mkdtemp(join(tmpdir(), 'project-'))));
  afterEach(async () => rm(project, { recursive: true, force: true }));
  const write = async (name: string, text: string): Promise<void> => writeFile(join(project, name), text);
  const none = { configured: false, targets: [], namesArtifacts: false };

  it('reads YAML with every form of targets and with settings for all platforms', async () => {
    await write(
      'electron-builder.yml',
      [
        'afterPack: ./hook.mjs',
        'compression: store',
        'electronFuses: { runAsNode: false }',
        'linux: { target: [AppImage, { target: deb, arch: [x64] }], publish: { provider: generic } }',
        'win: { target: nsis, compression: maximum }',
        'nsis: { artifactName: "${name}.${ext}" }',
      ].join('\n'),
    );
    await write('hook.mjs', "import { embedUpdates } from 'electron-tuf-updater/builder';");
    expect(await readBuilderConfig(project, undefined)).toEqual({
      type: 'read',
      file: 'electron-builder.yml',
      settings: {
        afterPack: './hook.mjs',
        hookFileNamesOurs: true,
        publish: true,
        runAsNode: false,
        platforms: {
          linux: { configured: true, targets: ['appimage', 'deb'], compression: 'store', namesArtifacts: false },
          mac: { ...none, compression: 'store' },
          win: { configured: true, targets: ['nsis'], compression: 'maximum', namesArtifacts: true },
        },
      },
    });
  });

  it('reads package.json, does not run a configuration that is a program, and reads the file of --config', async () => {
    await write('package.json', JSON.stringify({ build: { publish: null, mac: { target: ['zip'] } } }));
    const manifest = await readBuilderConfig(project, undefined);
    await write('electron-builder.config.js', 'throw new Error("run"); // electron-tuf-updater/builder');
    const program = await readBuilderConfig(project, undefined);
    await write('other.json', '{"afterPack":"electron-tuf-updater/builder","publish":[]}');
    const alsoPlainName = await readBuilderConfig(project, 'other.json');
    expect([manifest, program, alsoPlainName]).toEqual([
      {
        type: 'read',
        file: 'package.json',
        settings: {
          hookFileNamesOurs: false,
          publish: false,
          platforms: { linux: none, mac: { ...none, configured: true, targets: ['zip'] }, win: none },
        },
      },
      { type: 'unread', file: 'electron-builder.config.js', namesHook: true },
      {
        type: 'read',
        file: 'other.json',
        settings: {
          afterPack: 'electron-tuf-updater/builder',
          hookFileNamesOurs: false,
          publish: true,
          platforms: { linux: none, mac: none, win: none },
        },
      },
    ]);
  });

  it('distinguishes a missing configuration from a broken one', async () => {
    const missing = await readBuilderConfig(project, undefined);
    await write('electron-builder.yml', 'a: [');
    const broken = await readBuilderConfig(project, undefined);
    await write('electron-builder.yml', '- a');
    const list = await readBuilderConfig(project, undefined);
    expect([missing, broken, list]).toEqual([
      { type: 'missing' },
      { type: 'invalid', file: 'electron-builder.yml', message: expect.any(String) as string },
      { type: 'invalid', file: 'electron-builder.yml', message: 'it is not an object.' },
    ]);
  });
});
