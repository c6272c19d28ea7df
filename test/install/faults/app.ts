/** An app in its own process. It recovers, as every app does at start, and then behaves as its arguments say. */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { acquireLock } from '../../../src/files/lock.ts';
import { type Kind, openInstallation } from './rig.ts';

const [home = '', kind = 'appimage', version = '', behaviour = ''] = process.argv.slice(2);

const { installer } = await openInstallation({ home, kind: kind as Kind, version });
const recovery = await installer.recover();
switch (behaviour) {
  case 'healthy':
    await installer.confirmHealthy();
    break;
  case 'quits':
    await installer.noteQuit();
    break;
  case 'is asked to end':
    process.kill(process.pid, 'SIGTERM');
    break;
  case 'crashes later':
    process.kill(process.pid, 'SIGSEGV');
    break;
  case 'crashes after migrating':
    await installer.pointOfNoReturn();
    process.exit(3);
    break;
  case 'crashes when healthy':
    await installer.confirmHealthy();
    process.kill(process.pid, 'SIGSEGV');
    break;
  case 'answers':
    // The app runs until the test removes its directory.
    setInterval(() => existsSync(home) || process.exit(), 100);
    break;
  case 'opens its profile': {
    const lock = await acquireLock(join(home, 'profile'), { waitMs: 0 });
    await writeFile(join(home, 'profile.new'), lock === undefined ? 'taken' : 'free');
    await rename(join(home, 'profile.new'), join(home, 'seen'));
    await installer.confirmHealthy();
    break;
  }
  case 'hangs':
    await writeFile(join(home, 'hangs'), '');
    for (;;);
  default:
    console.log(version, recovery.type);
}
