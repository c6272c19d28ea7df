import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';

const run = promisify(execFile);

/**
 * Runs a system program.
 * @throws UpdateError `PUBLISH_TOOLS` if the program fails or is missing; the message then names its package
 */
export async function runTool(
  name: string,
  packageName: string,
  args: readonly string[],
  { signal, env }: { readonly signal?: AbortSignal; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  try {
    await run(name, [...args], {
      maxBuffer: 16 * 1024 * 1024,
      env: { ...withoutSecrets(process.env), ...env },
      ...omitUndefined({ signal }),
    });
  } catch (error) {
    const missing = systemCode(error) === 'ENOENT';
    const words = missing
      ? `${name} is not installed. Install ${packageName} with your package manager, or publish without --store.`
      : `${name} failed: ${textOf(error)}`;
    throw new UpdateError('PUBLISH_TOOLS', words, { cause: error });
  }
}

/** A tool needs neither the gateway's token nor a passphrase. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^ELECTRON_TUF_/i.test(name)));
}
