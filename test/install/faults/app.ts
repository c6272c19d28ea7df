/** An app in a process of its own: recovers as every app does at start, then behaves as it is told. */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { acquireLock } from '../../../src/files/lock.ts';
import { type Kind, openInstallation } from './rig.ts';

const [home = '', kind = 'appimage', version = '', behaviour = ''] = process.argv.slice(2);

const { room } = await openInstallation({ home, kind: kind as Kind, version });
const recovery = await room.recover();
switch (behaviour) {
  case 'healthy':
    await room.confirmHealthy();
    break;
  case 'quits':
    await room.noteQuit();
    break;
  case 'is asked to end':
    process.kill(process.pid, 'SIGTERM');
    break;
  case 'crashes later':
    process.kill(process.pid, 'SIGSEGV');
    break;
  case 'crashes after migrating':
    await room.pointOfNoReturn();
    process.exit(3);
    break;
  case 'crashes when healthy':
    await room.confirmHealthy();
    process.kill(process.pid, 'SIGSEGV');
    break;
  case 'answers':
    // Until the test has cleared away.
    setInterval(() => existsSync(home) || process.exit(), 100);
    break;
  case 'opens its profile': {
    const lock = await acquireLock(join(home, 'profile'), { waitMs: 0 });
    await writeFile(join(home, 'profile.new'), lock === undefined ? 'taken' : 'free');
    await rename(join(home, 'profile.new'), join(home, 'seen'));
    await room.confirmHealthy();
    break;
  }
  case 'hangs':
    await writeFile(join(home, 'hangs'), '');
    for (;;);
  default:
    console.log(version, recovery.type);
}
