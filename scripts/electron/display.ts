import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { findProgram } from '../packaging/find-program.ts';
import { appUser } from './app-user.ts';

/** The display that shows windows. */
export interface Display {
  /** Whether it is a real screen or visible only to programs. */
  readonly isVirtual: boolean;
  close(): Promise<void>;
}

export const howToInstallDisplay = 'apt install xvfb';

/** Whether there is a display, or a virtual one can be started. */
export async function canOpenDisplay(): Promise<boolean> {
  return process.platform !== 'linux' || hasDisplay(process.env) || (await findProgram('Xvfb')) !== undefined;
}

let virtual: Promise<Display | undefined> | undefined;

/** The existing display, or a new virtual one that DISPLAY then names. `undefined` if neither is possible. */
export async function openDisplay(): Promise<Display | undefined> {
  const { platform, env } = process;
  if (virtual === undefined && (platform !== 'linux' || hasDisplay(env))) {
    return { isVirtual: false, close: async () => Promise.resolve() };
  }
  return (virtual ??= startVirtual());
}

function hasDisplay({ DISPLAY, WAYLAND_DISPLAY }: NodeJS.ProcessEnv): boolean {
  return [DISPLAY, WAYLAND_DISPLAY].some((name) => name !== undefined && name !== '');
}

/** Starts Xvfb at the first free number as the user who runs the apps, because it accepts only its own user. */
async function startVirtual(): Promise<Display | undefined> {
  if ((await findProgram('Xvfb')) === undefined) return undefined;
  const server = ['Xvfb', '-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp'];
  // It ends when this process ends, however that happens.
  const [program = '', ...args] = ((await findProgram('setpriv')) === undefined ? [] : guard()).concat(server);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = once(child, 'close');
  const [number] = (await Promise.race([
    once(child.stdio[3] as Readable, 'data'),
    ended.then(() => Promise.reject(new Error('Xvfb ended before it had a display.'))),
  ])) as [Buffer];
  child.unref();
  (child.stdio[3] as Readable & { unref?(): void }).unref?.();
  process.env['DISPLAY'] = `:${number.toString().trim()}`;
  return {
    isVirtual: true,
    async close() {
      delete process.env['DISPLAY'];
      virtual = undefined;
      child.ref();
      child.kill();
      await ended;
    },
  };
}

function guard(): string[] {
  const user = appUser();
  const as = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  return ['setpriv', '--pdeathsig=KILL', ...as, '--'];
}
