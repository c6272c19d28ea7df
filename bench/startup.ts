import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Bench, compare, type Contender, inTurn } from './frame.ts';

const run = promisify(execFile);

function contender(name: string): Contender {
  return {
    name,
    async run() {
      const register = join(import.meta.dirname, '../test/stand-in/register.ts');
      const script = join(import.meta.dirname, 'startup-contender.ts');
      const { stdout } = await run(process.execPath, ['--import', register, script, name]);
      return { 'import and call ms': Number(stdout.trim().split('\n').at(-1)) };
    },
  };
}

export const bench: Bench = {
  about:
    "what createUpdater() adds before the first window, import and call, against electron-updater's autoUpdater; in Node with Electron's module stubbed",
  async run(report) {
    const names = ['ours (ESM)', 'ours (CommonJS)', 'electron-updater'];
    const [esm, cjs, theirs] = await inTurn(names.map(contender), report, { rounds: 15, warmUps: 2 });
    if (esm === undefined || cjs === undefined || theirs === undefined) return [];
    return [...compare('ESM', [esm, theirs]), ...compare('CommonJS', [cjs, theirs])];
  },
};
