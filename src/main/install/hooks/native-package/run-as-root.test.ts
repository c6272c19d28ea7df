import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../../../shared/errors.ts';
import type { Spawn, SpawnResult } from '../../../ports.ts';
import { installAsRoot } from './run-as-root.ts';

const launcher = '/opt/My Notes/resources/update/install-update';
const directory = "/home/o'neil/%VAR%\n/hand-over";
const remedyCommand = `sudo '${launcher}' $'/home/o\\'neil/%VAR%\\u000a/hand-over'`;
const env = { PATH: '/usr/bin' };

const answered = (change: Partial<SpawnResult>): Partial<SpawnResult> => change;
const ok = answered({ stdout: 'noise\n{"ok":true,"version":"1.1.0"}\n' });

async function play(outcome: Partial<SpawnResult> | Error, isRoot = false) {
  const calls: unknown[] = [];
  const spawn: Spawn = {
    async run(file, args, options) {
      calls.push({ file, args, options });
      if (outcome instanceof Error) throw outcome;
      return { code: 0, signal: null, stdout: '', stderr: '', ...outcome };
    },
    detach: () => Promise.reject(new Error('not used')),
  };
  const error = await installAsRoot(spawn, { launcher, directory, isRoot, env }).catch((thrown: unknown) => {
    if (thrown instanceof UpdateError) return thrown;
    throw new Error('an unexpected error', { cause: thrown });
  });
  const refused = error instanceof UpdateError ? error : undefined;
  return { calls, code: refused?.code, remedyCommand: refused?.remedyCommand };
}

describe('installing as root', () => {
  it('runs pkexec with an argument vector if the app runs as a user', async () => {
    const args = ['--disable-internal-agent', launcher, directory];
    expect(await play(ok)).toEqual({
      calls: [{ file: 'pkexec', args, options: { env, cwd: '/' } }],
      code: undefined,
      remedyCommand: undefined,
    });
  });

  it('starts the launcher itself, without an environment, if the app runs as root', async () => {
    expect((await play(ok, true)).calls).toEqual([
      { file: launcher, args: [directory], options: { env: {}, cwd: '/' } },
    ]);
  });

  const missing = Object.assign(new Error('spawn pkexec ENOENT'), { code: 'ENOENT' });
  it.each([
    ['dismissed', answered({ code: 126 }), false, 'INSTALL_ELEVATION_REFUSED'],
    ['not authorised', answered({ code: 127 }), false, 'INSTALL_ELEVATION_REFUSED'],
    ['no pkexec', missing, false, 'INSTALL_ELEVATION_REFUSED'],
    ['exit code 126 of another program, as root', answered({ code: 126 }), true, 'INSTALL_FAILED'],
    ['killed', answered({ code: null, signal: 'SIGKILL' }), false, 'INSTALL_FAILED'],
    ['success without an answer', answered({ code: 0, stdout: 'done' }), false, 'INSTALL_FAILED'],
    [
      'the root helper refused',
      answered({ code: 1, stdout: '{"ok":false,"code":"INSTALL_DOWNGRADE","message":"no"}' }),
      false,
      'INSTALL_DOWNGRADE',
    ],
    [
      'the root helper refused with an unknown code',
      answered({ code: 1, stdout: '{"ok":false,"code":"constructor","message":"no"}' }),
      false,
      'INSTALL_FAILED',
    ],
  ])('reports a code and the command to run by hand: %s', async (_, outcome, isRoot, code) => {
    expect(await play(outcome, isRoot)).toEqual({ calls: [expect.anything()], code, remedyCommand });
  });
});
