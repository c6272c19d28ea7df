import { spawn as start } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Spawn, SpawnOptions } from '../../src/main/ports.ts';

/** A Windows of wine's making below `directory`. */
export interface Wine extends Spawn {
  /** Drive C:. */
  readonly drive: string;
  close(): Promise<void>;
}

const wine64 = '/usr/lib/wine/wine64';
const wineserver = '/usr/lib/wine/wineserver64';

/**
 * Starts Windows programs. A verbatim command line stays one: it is written into a batch file, since wine quotes
 * arguments like everybody does, and NSIS then overlooks `/D=`. Starting waits for the end, so that tests can look.
 */
export function createWine(directory: string): Wine {
  const drive = join(directory, 'wine', 'drive_c');
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: directory,
    WINEPREFIX: join(directory, 'wine'),
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
  const toWindows = (path: string): string =>
    (path.startsWith(drive) ? `C:${path.slice(drive.length)}` : `Z:${path}`).replaceAll('/', '\\');

  async function run(program: string, args: readonly string[]): Promise<number> {
    const child = start(program, args, { env, stdio: 'ignore' });
    return ((await once(child, 'close')) as [number])[0];
  }

  async function runInstaller(file: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
    if (options.verbatimArguments !== true) return run(wine64, [file, ...args]);
    const line = args.map((arg) => (arg.startsWith('/D=') ? `/D=${toWindows(arg.slice(3))}` : arg)).join(' ');
    const batch = join(directory, 'run.bat');
    await writeFile(batch, `@"${toWindows(file)}" ${line}\r\n`.replaceAll('%', '%%'));
    return run(wine64, ['cmd', '/c', toWindows(batch)]);
  }

  return {
    drive,
    run: async (file, args, options) => ({
      code: await runInstaller(file, args, options),
      signal: null,
      stdout: '',
      stderr: '',
    }),
    async detach(file, args, options) {
      await runInstaller(file, args, options);
      return { pid: 1 };
    },
    async close() {
      await run(wineserver, ['-k']);
      await run(wineserver, ['-w']);
    },
  };
}
