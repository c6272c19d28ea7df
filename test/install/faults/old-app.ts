/**
 * The old version in its own process. It holds its profile as Electron does, installs the staged update, and keeps
 * running.
 */
import { join } from 'node:path';

import { acquireLock } from '../../../src/files/lock.ts';
import { openInstallation } from './rig.ts';

const [home = ''] = process.argv.slice(2);
const profile = await acquireLock(join(home, 'profile'), { waitMs: 0 });
const { installer, staging } = await openInstallation({ home, kind: 'appimage', version: '1.0.0' });
const staged = await staging.current();
if (profile === undefined || staged === undefined) throw new Error('The test did not prepare what it should.');
const { launch } = await installer.install(staged, []);
if (launch === undefined) throw new Error('There is nothing to start.');
await installer.launch({ ...launch, env: { PATH: process.env['PATH'] ?? '' } });
console.log('launched');
process.stdin.resume().once('end', () => process.exit());
