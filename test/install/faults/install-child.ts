/** A process that installs what is staged, to be killed: says when it begins, ends with 0 when it is done. */
import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:fs/promises';

import type { Kind } from './rig.ts';

const [home = '', kind = 'appimage', name = 'Notes', killAt = '0'] = process.argv.slice(2);

/** Kills this process before the given call of the file system; 0: never. Counts what changes something. */
let calls = 0;
let begun = false;
for (const method of ['rename', 'link', 'symlink', 'rm', 'mkdir', 'open', 'writeFile'] as const) {
  const original = promises[method] as (...args: unknown[]) => unknown;
  Object.assign(promises, {
    [method]: (...args: unknown[]) => {
      if (begun) calls += 1;
      if (calls === Number(killAt) && begun) process.kill(process.pid, 'SIGKILL');
      return original(...args);
    },
  });
}
syncBuiltinESMExports();

const { openInstallation } = await import('./rig.ts');
const { room, staging } = await openInstallation({ home, kind: kind as Kind, version: '1.0.0', name });
const staged = await staging.current();
if (staged === undefined) throw new Error('Nothing is staged.');
process.stdout.write('begin\n');
begun = true;
await room.install(staged, undefined);
process.stdout.write(`calls ${calls}\n`);
