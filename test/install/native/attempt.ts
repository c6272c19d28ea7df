import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { parseHandOverResult } from '../../../src/shared/native-package.ts';
import { type NativeWorld, nobody } from './world.ts';

const run = promisify(execFile);

export interface Attempt {
  /** `installed`, or the code of the refusal. */
  readonly code: string;
  /** The version that is installed afterwards. */
  readonly installed: string | undefined;
}

/** Starts the installed launcher as root, as pkexec does for the user nobody. */
export async function attempt(
  world: NativeWorld,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Attempt> {
  const options = { env: { PATH: '/usr/bin:/bin', PKEXEC_UID: `${nobody}`, ...env } };
  const { stdout } = await run(world.launcher, args, options).catch((error: unknown) => error as { stdout: string });
  const answer = parseHandOverResult(stdout);
  const { manager, files } = await world.installed();
  return {
    code: answer === undefined ? 'no answer' : answer.ok ? 'installed' : answer.code,
    installed: manager === files ? files : `${manager} with the files of ${files}`,
  };
}
