/** The old version, in a process of its own: holds its profile as Electron does, installs what is staged, and stays. */
import { join } from 'node:path';

import { acquireLock } from '../../../src/files/lock.ts';
import { openInstallation } from './rig.ts';

const [home = ''] = process.argv.slice(2);
const profile = await acquireLock(join(home, 'profile'), { waitMs: 0 });
const { room, staging } = await openInstallation({ home, kind: 'appimage', version: '1.0.0' });
const staged = await staging.current();
if (profile === undefined || staged === undefined) throw new Error('The test did not prepare what it should.');
const { launch } = await room.install(staged, []);
if (launch === undefined) throw new Error('There is nothing to start.');
await room.launch({ ...launch, env: { PATH: process.env['PATH'] ?? '' } });
console.log('launched');
process.stdin.resume().once('end', () => process.exit());
