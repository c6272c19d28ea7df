import { execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { describeRequirement } from './requires.ts';
import type { Contender, Verdict } from './two-clients.ts';

const run = promisify(execFile);

/** For tests that skip themselves where there is none, in continuous integration too: there need not be a package index. */
export const lacksPythonTuf: string = describeRequirement({ name: 'python-tuf', remedy: 'npm run get-python-tuf' });

/**
 * A Python that has python-tuf: `PYTHON_TUF`, the environment that `npm run get-python-tuf` makes, or the system's.
 */
export async function findPythonTuf(): Promise<string | undefined> {
  const made = resolve(import.meta.dirname, '../../.cache/python-tuf/bin/python');
  for (const python of [process.env['PYTHON_TUF'], made, 'python3']) {
    if (python === undefined) continue;
    const works = await run(python, ['-c', 'import tuf.ngclient, cryptography']).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  return undefined;
}

/** One Python process that is python-tuf's client again and again; see `test/trust/python-client.py`. */
export interface PythonTuf {
  /** A client with an empty store. The one before it ends. */
  client(anchor: Uint8Array): Contender;
  close(): Promise<void>;
}

export function startPythonTuf(python: string): PythonTuf {
  const script = resolve(import.meta.dirname, '../trust/python-client.py');
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = new Promise<void>((settle) => child.once('close', () => settle()));
  const say = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  const hear = async (): Promise<Partial<Verdict> & { readonly fetch?: string }> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('python-tuf ended');
    return JSON.parse(line.value) as Partial<Verdict>;
  };
  return {
    client(anchor) {
      say({ new: Buffer.from(anchor).toString('base64') });
      return {
        async check(files, paths) {
          say({ check: paths });
          for (;;) {
            const { fetch, versions, found = [], reasons = [] } = await hear();
            if (fetch === undefined) return { versions: versions ?? undefined, found, reasons };
            const bytes = await files(fetch);
            say({ bytes: bytes === undefined ? null : Buffer.from(bytes).toString('base64') });
          }
        },
        close: () => Promise.resolve(),
      };
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
