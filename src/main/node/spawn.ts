import { type ChildProcess, spawn, type SpawnOptions as NodeSpawnOptions } from 'node:child_process';
import { once } from 'node:events';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { Spawn, SpawnOptions } from '../ports.ts';

const outputBytes = 64 * 1024;

/** Starts programs with an argument vector, never through a shell. */
export const nodeSpawn: Spawn = {
  async run(file, args, options = {}) {
    const child = spawn(file, args, { ...nodeOptions(file, options), stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { code, signal, stdout: stdout(), stderr: stderr() };
  },

  async detach(file, args, options = {}) {
    const child = spawn(file, args, { ...nodeOptions(file, options), stdio: 'ignore', detached: true });
    await once(child, 'spawn');
    child.unref();
    return { pid: child.pid ?? -1 };
  },
};

function nodeOptions(file: string, options: SpawnOptions): NodeSpawnOptions {
  return {
    shell: false,
    windowsHide: true,
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...omitUndefined({ cwd: options.cwd, signal: options.signal }),
    // A verbatim command line includes the program's own name.
    ...(options.verbatimArguments === true ? { windowsVerbatimArguments: true, argv0: `"${file}"` } : {}),
  };
}

/** Keeps the first 64 KiB. Reads and drops the rest, so that the program never blocks on its output. */
function collect(stream: ChildProcess['stdout']): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (length < outputBytes) chunks.push(chunk.subarray(0, outputBytes - length));
    length += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
