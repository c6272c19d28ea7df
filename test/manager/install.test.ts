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
  it('closes the windows, installs, starts the new version with the same arguments, and ends', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      await updater.install();
      expect({ install: install.done, host: host.done }).toEqual({
        install: ['install 1.1.0, then start with --profile work', 'launch again'],
        host: ['quit', 'exit'],
      });
    }));

  it('lets the system end the app if its installer starts the new version', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      const quit = (): void => void host.done.push('quit and install');
      install.work = async () => Promise.resolve({ launch: undefined, handedOver: true, quit });
      await updater.install();
      expect({ install: install.done, host: host.done }).toEqual({
        install: ['install 1.1.0, then start with --profile work'],
        host: ['quit', 'end by the system', 'quit and install'],
      });
    }));

  it('ends the app itself if the system cannot', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      const quit = (): void => {
        throw new Error('No update available.');
      };
      install.work = async () => Promise.resolve({ launch: undefined, handedOver: true, quit });
      await updater.install();
      expect(host.done).toEqual(['quit', 'end by the system', 'exit']);
    }));

  it('reports at the next start that an installer did not replace the app', async () =>
    inWorld(async (world) => {
      const app = await staged(world);
      await app.updater.close();
      const reason = 'The installer was started and did not replace the app.';
      const next = await startApp(world, {
        home: app.home,
        install: { recovery: { type: 'undone', version: '1.0.0', to: '1.1.0', reason } },
      });
      expect({ state: next.updater.state, outcomes: next.outcomes }).toMatchObject({
        state: {
          type: 'staged',
          release: { version: '1.1.0' },
          lastError: { code: 'INSTALL_FAILED', message: reason },
        },
        outcomes: [{ type: 'failed', version: '1.1.0', code: 'INSTALL_FAILED' }],
      });
    }));

  it('stays staged if a window vetoes, and is installed when the app quits later', async () =>
    inWorld(async (world) => {
      const { updater, host, install } = await staged(world);
      host.vetoes = true;
      const vetoed = await updater.install('now', { args: [] });
      const before = [...install.done];
      await host.userQuits();
      expect({ vetoed, before, install: install.done, host: host.done }).toMatchObject({
        vetoed: { type: 'staged', installAt: 'quit', lastError: { code: 'INSTALL_VETOED' } },
        before: [],
        install: ['install 1.1.0'],
        host: [],
      });
    }));

  it('starts the old version again after a failed install, and stores the error', async () =>
    inWorld(async (world) => {
      const app = await staged(world);
      app.install.work = async () => Promise.reject(new UpdateError('INSTALL_FAILED', 'The disk said no.'));
      const failed = await app.updater.install();
      const next = await startApp(world, { home: app.home, pid: 1 });
      const lastError = { code: 'INSTALL_FAILED', message: 'The disk said no.' };
      expect({
        failed,
        host: app.host.done,
        nextStart: next.updater.state,
        outcome: app.outcomes.at(-1),
      }).toMatchObject({
        failed: { type: 'staged', lastError },
        host: ['quit', 'come back'],
        nextStart: { type: 'staged', release: { version: '1.1.0' }, lastError },
        outcome: { type: 'failed', version: '1.1.0', code: 'INSTALL_FAILED' },
      });
    }));

  it('needs attention if a person must act, and explains how', async () =>
    inWorld(async (world) => {
      const { updater, install } = await staged(world);
      const remedyCommand = 'pkexec apt-get install ./notes.deb';
      install.work = async () => Promise.reject(new UpdateError('INSTALL_ELEVATION_REFUSED', 'No.', { remedyCommand }));
      const attention = await updater.install();
      install.work = async () => Promise.resolve({ launch: undefined, handedOver: true });
      const again = await updater.install('next-launch');
      expect({ attention, again }).toMatchObject({
        attention: {
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
        again: { type: 'staged', installAt: 'next-launch' },
      });
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
      expect({ offered, downloaded, hostDone: host.done, stagedFile: await updater.stagedFile() }).toMatchObject({
        offered: available,
        downloaded: available,
        hostDone: [],
        stagedFile: undefined,
      });
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

  it('does not install while the session is ending or another instance is running', async () =>
    inWorld(async (world) => {
      const first = await staged(world);
      const other = await startApp(world, { home: first.home, pid: 4_000_001 });
      const beside = await first.updater.install();
      await other.updater.close();
      first.host.shuttingDown = true;
      const ending = await first.updater.install();
      expect({ otherInstance: beside, ending, install: first.install.done }).toMatchObject({
        otherInstance: { type: 'staged', lastError: { code: 'INSTALL_OTHER_INSTANCE' } },
        ending: { type: 'staged', installAt: 'next-launch', lastError: { code: 'INSTALL_SHUTTING_DOWN' } },
        install: [],
      });
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
    'does not install a %s when the app quits, only on request',
    async (kind) =>
      inWorld(async (world) => {
        await publishChannel(world, [{ version: '1.1.0' }], { revision: 1, kind });
        const { updater, host, install } = await startApp(world, { kind });
        await updater.check();
        const waiting = await updater.download();
        await host.userQuits();
        const before = [...install.done];
        await updater.install();
        expect({ waiting, before, install: install.done }).toMatchObject({
          waiting: { type: 'staged', installAt: 'now' },
          before: [],
          install: ['install 1.1.0, then start with --profile work', 'launch again'],
        });
      }),
  );

  it('installs at the next launch, before windows open, if the session is ending', async () =>
    inWorld(async (world) => {
      const app = await staged(world);
      app.host.shuttingDown = true;
      await app.host.userQuits();
      await app.updater.close();
      const next = await startApp(world, { home: app.home });
      expect({ atQuit: app.install.done, atLaunch: next.install.done, host: next.host.done }).toEqual({
        atQuit: [],
        atLaunch: ['install 1.1.0, then start with --profile work', 'launch again'],
        host: ['exit'],
      });
    }));

  it('stops automatic attempts if a version is installed repeatedly and never runs', async () =>
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

  it('reports that this version keeps failing, clears that at the next check, and installs the next version', async () =>
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
      expect({ atStart, checked, next, outcomes: app.outcomes }).toMatchObject({
        atStart: {
          type: 'idle',
          lastError: {
            code: 'INSTALL_UNHEALTHY',
            message:
              'Version 1.1.0 ended with code 3. Going back to 1.0.0 could damage its data, so 1.1.0 stays. The next version is offered as soon as it is published.',
          },
        },
        checked: { type: 'idle' },
        next: { type: 'available', release: { version: '1.2.0' } },
        outcomes: [
          { type: 'failed', version: '1.1.0', from: '1.0.0', code: 'INSTALL_UNHEALTHY' },
          { type: 'offered', version: '1.2.0' },
        ],
      });
      expect(checked).not.toHaveProperty('lastError');
    }));

  it('relaunches the previous version after it restored it', async () =>
    inWorld(async (world) => {
      const launch = { execPath: '/opt/notes/notes', args: ['--profile', 'work'], env: {} };
      const recovery = { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.', launch } as const;
      const { install, host } = await startApp(world, { version: '1.1.0', install: { recovery } });
      expect({ install: install.done, host: host.done }).toEqual({
        install: ['launch --profile work'],
        host: ['exit'],
      });
    }));

  it('reports an install or a rollback once, and keeps the history', async () =>
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
      expect({
        installed: installed.outcomes,
        rolledBack: back.outcomes,
        state,
        checked,
        history: await back.updater.history(),
      }).toMatchObject({
        installed: [{ type: 'installed', from: '1.0.0', version: '1.1.0' }],
        rolledBack: [{ type: 'rolled-back', version: '1.1.0' }],
        state: { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' },
        checked: { type: 'idle' },
        history: [
          { result: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' },
          { result: 'installed', from: '1.0.0', to: '1.1.0' },
        ],
      });
    }));
});
