import { afterEach, describe, expect, it } from 'vitest';

import type { InstallVerdict } from '../../src/main/ports.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import { closeApps, type ManagedApp, type ManagedOptions, publishChannel, startApp } from '../support/managed-app.ts';
import { inWorld, type World } from '../support/world.ts';

afterEach(closeApps);

const command = "cp -a '/opt/Notes.AppImage' ~/Applications/";
const fixed: InstallVerdict = {
  ok: false,
  state: 'needs-attention',
  explanation: { reason: 'folder-locked', remedy: 'copy-app', params: { path: '/opt/Notes.AppImage', command } },
};

async function staged(world: World, options: ManagedOptions = {}): Promise<ManagedApp> {
  await world.release('1.1.0');
  const app = await startApp(world, options);
  await app.updater.check();
  await app.updater.download();
  return app;
}

describe('now', () => {
  it('asks the windows first, installs, starts the new version with the same arguments, and ends', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      await updater.install();
      expect([install.done, host.done]).toEqual([
        ['install 1.1.0, then start with --profile work', 'launch again'],
        ['quit', 'exit'],
      ]);
    }));

  it('leaves the end of the app to the system where its own installer starts the new version', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      const quit = (): void => void host.done.push('quit and install');
      install.work = async () => Promise.resolve({ launch: undefined, handedOver: true, quit });
      await updater.install();
      expect([install.done, host.done]).toEqual([
        ['install 1.1.0, then start with --profile work'],
        ['quit', 'end by the system', 'quit and install'],
      ]);
    }));

  it('ends all the same when the system cannot be asked', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      const quit = (): void => {
        throw new Error('No update available.');
      };
      install.work = async () => Promise.resolve({ launch: undefined, handedOver: true, quit });
      await updater.install();
      expect(host.done).toEqual(['quit', 'end by the system', 'exit']);
    }));

  it('says at the next start that an installer did not do its work', async () =>
    inWorld(async (world) => {
      const app = await staged(world);
      await app.updater.close();
      const reason = 'The installer was started and did not replace the app.';
      const next = await startApp(world, {
        home: app.home,
        install: { recovery: { type: 'undone', version: '1.0.0', to: '1.1.0', reason } },
      });
      expect([next.updater.state, next.outcomes]).toMatchObject([
        { type: 'staged', release: { version: '1.1.0' }, lastError: { code: 'INSTALL_FAILED', message: reason } },
        [{ type: 'failed', version: '1.1.0', code: 'INSTALL_FAILED' }],
      ]);
    }));

  it('is staged again when a window vetoes, and installed when the app quits after all', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      host.vetoes = true;
      const vetoed = await updater.install('now', { args: [] });
      const before = [...install.done];
      await host.userQuits();
      expect([vetoed, before, install.done, host.done]).toMatchObject([
        { type: 'staged', installAt: 'quit', lastError: { code: 'INSTALL_VETOED' } },
        [],
        ['install 1.1.0'],
        [],
      ]);
    }));

  it('starts the old version again when the install fails, which remembers why', async () =>
    inWorld(async (world) => {
      const app = await staged(world);
      app.install.work = async () => Promise.reject(new UpdateError('INSTALL_FAILED', 'The disk said no.'));
      const failed = await app.updater.install();
      const next = await startApp(world, { home: app.home, pid: 1 });
      const lastError = { code: 'INSTALL_FAILED', message: 'The disk said no.' };
      expect([failed, app.host.done, next.updater.state, app.outcomes.at(-1)]).toMatchObject([
        { type: 'staged', lastError },
        ['quit', 'come back'],
        { type: 'staged', release: { version: '1.1.0' }, lastError },
        { type: 'failed', version: '1.1.0', code: 'INSTALL_FAILED' },
      ]);
    }));

  it('needs attention when a person has to do something, and says what', async () =>
    inWorld(async (world) => {
      const { updater, install } = await staged(world);
      const remedyCommand = 'pkexec apt-get install ./notes.deb';
      install.work = async () => Promise.reject(new UpdateError('INSTALL_ELEVATION_REFUSED', 'No.', { remedyCommand }));
      const attention = await updater.install();
      install.work = async () => Promise.resolve({ launch: undefined, handedOver: true });
      const again = await updater.install('next-launch');
      expect([attention, again]).toMatchObject([
        {
          type: 'needs-attention',
          explanation: {
            reason: 'permission-refused',
            remedy: 'run-as-administrator',
            params: { command: remedyCommand },
          },
          what: 'The permission to install was not given.',
          how: `Try again, or let an administrator run: ${remedyCommand}`,
          error: { message: 'No.' },
        },
        { type: 'staged', installAt: 'next-launch' },
      ]);
    }));

  it('says before the download that the app cannot be replaced, downloads nothing, and asks no window to close', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const { updater, host, install, states } = await startApp(world);
      install.verdict = fixed;
      const offered = await updater.check();
      const downloaded = await updater.download();
      const lastError = { code: 'INSTALL_READ_ONLY', message: expect.stringContaining(command) as string };
      const available = { type: 'available', lastError: { ...lastError, remedyCommand: command, retriable: false } };
      expect([offered, downloaded, host.done, await updater.stagedFile()]).toMatchObject([
        available,
        available,
        [],
        undefined,
      ]);
      expect(states).not.toContain('verifying');
      install.verdict = { ok: true };
      expect(await updater.download()).toMatchObject({ type: 'staged' });
    }));

  it('keeps the exact command, however often a person tries to install', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      install.verdict = fixed;
      const attempts = [await updater.install(), await updater.install(), await updater.check()];
      const attention = { type: 'needs-attention', explanation: { remedy: 'copy-app', params: { command } } };
      expect([...attempts, host.done, install.done]).toMatchObject([attention, attention, attention, [], []]);
      install.verdict = { ok: true };
      await updater.install();
      expect(install.done).toEqual(['install 1.1.0, then start with --profile work', 'launch again']);
    }));

  it('does not install while the session ends, or while another instance runs', async () =>
    inWorld(async (world) => {
      const first = await staged(world);
      const other = await startApp(world, { home: first.home, pid: 4_000_001 });
      const beside = await first.updater.install();
      await other.updater.close();
      first.host.shuttingDown = true;
      const ending = await first.updater.install();
      expect([beside, ending, first.install.done]).toMatchObject([
        { type: 'staged', lastError: { code: 'INSTALL_OTHER_INSTANCE' } },
        { type: 'staged', installAt: 'next-launch', lastError: { code: 'INSTALL_SHUTTING_DOWN' } },
        [],
      ]);
    }));
});

describe('on quit and at the next launch', () => {
  it('installs on quit without starting the app', async () =>
    inWorld(async (world) => {
      const { host, install } = await staged(world);
      await host.userQuits();
      expect(install.done).toEqual(['install 1.1.0']);
    }));

  // Otherwise a quit would show a prompt for an administrator's password.
  it.each(['deb', 'rpm', 'pacman'] as const)(
    'leaves a %s alone when the app quits, until somebody asks',
    async (kind) =>
      inWorld(async (world) => {
        await publishChannel(world, [{ version: '1.1.0' }], { revision: 1, kind });
        const { updater, host, install } = await startApp(world, { kind });
        await updater.check();
        const waiting = await updater.download();
        await host.userQuits();
        const before = [...install.done];
        await updater.install();
        expect([waiting, before, install.done]).toMatchObject([
          { type: 'staged', installAt: 'now' },
          [],
          ['install 1.1.0, then start with --profile work', 'launch again'],
        ]);
      }),
  );

  it('leaves an ending session to the next launch, which installs before windows open', async () =>
    inWorld(async (world) => {
      const app = await staged(world);
      app.host.shuttingDown = true;
      await app.host.userQuits();
      await app.updater.close();
      const next = await startApp(world, { home: app.home });
      expect([app.install.done, next.install.done, next.host.done]).toEqual([
        [],
        ['install 1.1.0, then start with --profile work', 'launch again'],
        ['exit'],
      ]);
    }));

  it('stops trying by itself when a version is installed again and again and never runs', async () =>
    inWorld(async (world) => {
      const app = await staged(world, { settings: { installAt: 'next-launch' } });
      await app.updater.close();
      const launches: number[] = [];
      for (let start = 0; start < 5; start += 1) {
        const next = await startApp(world, { home: app.home, settings: { installAt: 'next-launch' } });
        launches.push(next.install.done.filter((line) => line.startsWith('install')).length);
        await next.updater.close();
        const again = await startApp(world, { home: app.home, settings: { installAt: 'next-launch' } });
        launches.push(again.install.done.filter((line) => line.startsWith('install')).length);
        await again.updater.close();
      }
      expect(launches.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(3);
    }));

  it('says calmly that this version keeps failing, is quiet after the next check, and takes the next version', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const app = await startApp(world, {
        version: '1.1.0',
        install: {
          recovery: { type: 'failing', from: '1.0.0', to: '1.1.0', reason: 'Version 1.1.0 ended with code 3.' },
        },
      });
      const atStart = app.updater.state;
      const checked = await app.updater.check();
      await world.release('1.2.0');
      const next = await app.updater.check();
      expect([atStart, checked, next, app.outcomes]).toMatchObject([
        {
          type: 'idle',
          lastError: {
            code: 'INSTALL_UNHEALTHY',
            message:
              'Version 1.1.0 ended with code 3. Going back to 1.0.0 could damage its data, so 1.1.0 stays. The next version is offered as soon as it is published.',
          },
        },
        { type: 'idle' },
        { type: 'available', release: { version: '1.2.0' } },
        [
          { type: 'failed', version: '1.1.0', from: '1.0.0', code: 'INSTALL_UNHEALTHY' },
          { type: 'offered', version: '1.2.0' },
        ],
      ]);
      expect(checked).not.toHaveProperty('lastError');
    }));

  it('gives way to the previous version when it had to put that back itself', async () =>
    inWorld(async (world) => {
      const launch = { execPath: '/opt/notes/notes', args: ['--profile', 'work'], env: {} };
      const recovery = { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.', launch } as const;
      const { install, host } = await startApp(world, { version: '1.1.0', install: { recovery } });
      expect([install.done, host.done]).toEqual([['launch --profile work'], ['exit']]);
    }));

  it('tells of what was installed or rolled back, once, and keeps the history', async () =>
    inWorld(async (world) => {
      const app = await staged(world);
      await app.updater.close();
      const installed = await startApp(world, {
        home: app.home,
        version: '1.1.0',
        install: { recovery: { type: 'installed', from: '1.0.0', to: '1.1.0' } },
      });
      await installed.updater.close();
      const back = await startApp(world, {
        home: app.home,
        install: {
          recovery: { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' },
          failed: ['1.1.0'],
        },
      });
      const state = back.updater.state;
      const checked = await back.updater.check();
      expect([installed.outcomes, back.outcomes, state, checked, await back.updater.history()]).toMatchObject([
        [{ type: 'installed', from: '1.0.0', version: '1.1.0' }],
        [{ type: 'rolled-back', version: '1.1.0' }],
        { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' },
        { type: 'idle' },
        [
          { result: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' },
          { result: 'installed', from: '1.0.0', to: '1.1.0' },
        ],
      ]);
    }));
});
