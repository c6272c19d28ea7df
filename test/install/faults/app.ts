/** An app in a process of its own: recovers as every app does at start, then behaves as it is told. */
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
  case 'hangs':
    for (;;);
  default:
    console.log(version, recovery.type);
}
