/** A process that installs the staged update. It reports its start and its end, so that a test can kill it in between. */
import { countCalls } from '../../support/count-calls.ts';
import type { Kind } from './rig.ts';

const [home = '', kind = 'appimage', name = 'Notes', killAt = '0'] = process.argv.slice(2);
const counter = countCalls(Number(killAt));

const { openInstallation } = await import('./rig.ts');
const { installer, staging } = await openInstallation({ home, kind: kind as Kind, version: '1.0.0', name });
const staged = await staging.current();
if (staged === undefined) throw new Error('Nothing is staged.');
process.stdout.write('begin\n');
counter.begin();
await installer.install(staged, undefined);
process.stdout.write(`calls ${counter.calls()}\n`);
