import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createNsisHook } from './hook.ts';
import type { InstallHook } from '../../../ports.ts';
import { foreignFacts, installJob } from '../../../../../test/support/install-job.ts';
import { createRecordingLogger } from '../../../../../test/support/logger.ts';
import {
  createRecordingSpawn,
  type RecordingSpawn,
  type SpawnCall,
} from '../../../../../test/support/recording-spawn.ts';
import { systemClock } from '../../../../../test/support/system-clock.ts';

/**
 * The hook's contract with Windows, by recorded spawns: this ran on no Windows. `nsis-wine.test.ts` runs an installer.
 */
describe('the NSIS hook', () => {
  let directory: string;
  let home: string;
  const bytes = Buffer.from('an installer');
  const powershell = String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nsis-'));
    home = join(directory, 'Program Files', 'My Notes');
    await mkdir(home, { recursive: true });
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  function hookWith(spawn: RecordingSpawn, windowsPublishers: readonly string[] = [], where = home): InstallHook {
    return createNsisHook({
      facts: foreignFacts({
        execPath: join(where, 'Notes.exe'),
        resourcesPath: String.raw`C:\Program Files\My Notes\resources`,
        env: { SystemRoot: String.raw`C:\Windows`, PSModulePath: 'planted', psmodulepath: 'planted', LANG: 'de' },
      }),
      directory: join(directory, 'updates'),
      spawn,
      clock: systemClock,
      logger: createRecordingLogger(),
      squirrel: undefined,
      windowsPublishers,
    });
  }

  const job = (relaunch?: readonly string[]) =>
    installJob({ directory, bytes, kind: 'nsis', name: 'Notes-1.1.0-win-x64.exe', ...(relaunch && { relaunch }) });

  async function install(hook: InstallHook, relaunch?: readonly string[]) {
    const work = await job(relaunch);
    try {
      await hook.prepare(work);
      return await hook.commit(work);
    } finally {
      await work.file.close();
    }
  }

  const installer = () => join(directory, 'updates', 'installer', 'Notes-1.1.0-win-x64.exe');

  it.each([
    ['and starts the app again', [], ['--updated', '/S', '--force-run']],
    ['and starts nothing on quit', undefined, ['--updated', '/S']],
  ])('starts the verified installer %s', async (_what, relaunch, args) => {
    const spawn = createRecordingSpawn();
    expect(await install(hookWith(spawn), relaunch)).toEqual({ launch: undefined, handedOver: true });
    expect(spawn.calls).toEqual([
      { way: 'detach', file: installer(), args: [...args, `/D=${home}`], options: { verbatimArguments: true } },
    ]);
    expect(await readFile(installer())).toEqual(bytes);
    expect(await readdir(home)).toEqual([]);
  });

  it.each(['EACCES', 'UNKNOWN'])('asks for an administrator when Windows answers %s', async (code) => {
    const spawn = createRecordingSpawn(({ way }) => {
      if (way === 'detach') throw Object.assign(new Error(`spawn ${code}`), { code });
      return {};
    });
    await install(hookWith(spawn), []);
    // Who could write the app's folder could write its script: the installer itself is elevated.
    expect(spawn.calls[1]).toMatchObject({
      file: powershell,
      options: {
        env: {
          ELECTRON_TUF_PROGRAM: installer(),
          ELECTRON_TUF_ARGUMENTS: `--updated /S --force-run /D=${home}`,
        },
      },
    });
  });

  it('says how to go on when the permission is refused, and leaves what that needs', async () => {
    const spawn = createRecordingSpawn(({ way }) => {
      if (way === 'detach') throw Object.assign(new Error('spawn EACCES'), { code: 'EACCES' });
      return { code: 1 };
    });
    const hook = hookWith(spawn);
    await expect(install(hook, [])).rejects.toMatchObject({
      code: 'INSTALL_ELEVATION_REFUSED',
      remedyCommand: `"${installer()}"`,
    });
    await hook.cleanup();
    expect({ home: await readdir(home), installer: await readFile(installer()) }).toEqual({
      home: [],
      installer: bytes,
    });
  });

  it('reports an installer that cannot be started', async () => {
    const spawn = createRecordingSpawn(() => {
      throw Object.assign(new Error('spawn ENOENT'), { code: 'ENOENT' });
    });
    await expect(install(hookWith(spawn), [])).rejects.toMatchObject({ code: 'INSTALL_FAILED' });
  });

  it('asks Windows who signed the private copy, with nothing of its name in the script', async () => {
    const spawn = createRecordingSpawn(({ options, way }) =>
      way === 'detach'
        ? {}
        : { stdout: JSON.stringify({ status: 0, path: options.env?.['ELECTRON_TUF_FILE'], subject: 'CN=Example' }) },
    );
    await install(hookWith(spawn, ['Example']), []);
    const [question] = spawn.calls as [SpawnCall];
    expect({ file: question.file, env: question.options.env }).toEqual({
      file: powershell,
      env: { SystemRoot: String.raw`C:\Windows`, LANG: 'de', PSModulePath: '', ELECTRON_TUF_FILE: installer() },
    });
    expect(question.args.join(' ')).not.toContain(directory);
    expect(question.args.join(' ')).toContain('-LiteralPath');
  });

  it('starts no installer that Windows does not confirm', async () => {
    const spawn = createRecordingSpawn(() => ({ stdout: '' }));
    await expect(install(hookWith(spawn, ['Example']), [])).rejects.toMatchObject({ code: 'INSTALL_VERIFY' });
    expect(spawn.calls.map(({ way }) => way)).toEqual(['run']);
  });

  it.runIf(process.platform === 'linux')('elevates where the folder may not be written, not even by root', async () => {
    home = '/sys';
    const spawn = createRecordingSpawn();
    await install(hookWith(spawn), []);
    expect(spawn.calls).toMatchObject([await elevation()]);
  });

  it('asks to be installed when it runs from a network folder', async () => {
    const where = String.raw`\\server\share\Notes`;
    expect(await hookWith(createRecordingSpawn(), [], where).canInstall()).toMatchObject({
      ok: false,
      state: 'needs-attention',
    });
  });

  it('knows the kept installer of a version as the way back to it', async () => {
    const hook = hookWith(createRecordingSpawn());
    await mkdir(join(directory, 'updates/previous'), { recursive: true });
    await writeFile(join(directory, 'updates/previous/1.0.0.exe'), '');
    expect({
      retires: hook.retires,
      restored: await hook.restore(),
      kept: await hook.wayBack?.('1.0.0'),
      unknown: await hook.wayBack?.('0.9.0'),
    }).toEqual({
      retires: true,
      restored: false,
      kept: `"${join(directory, 'updates/previous/1.0.0.exe')}"`,
      unknown: undefined,
    });
  });

  it('leaves no files behind', async () => {
    const hook = hookWith(createRecordingSpawn());
    await install(hook, []);
    await hook.cleanup();
    expect(await readdir(join(directory, 'updates'))).toEqual([]);
  });

  async function elevation(): Promise<object> {
    const work = await job();
    await work.file.close();
    const args = Buffer.from(`--updated /S --force-run /D=${home}`).toString('base64');
    const script = String.raw`C:\Program Files\My Notes\resources\update\install-elevated.ps1`;
    return {
      way: 'run',
      file: powershell,
      options: {
        env: {
          PSModulePath: '',
          ELECTRON_TUF_PROGRAM: powershell,
          ELECTRON_TUF_ARGUMENTS: `-NoProfile -NonInteractive -ExecutionPolicy Bypass -WindowStyle Hidden -File "${script}" -Installer "${installer()}" -Sha256 ${work.trusted.artifact.sha256} -Arguments ${args}`,
        },
      },
    };
  }
});
