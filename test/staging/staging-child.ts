/** A process that stages a download, or discards or retires the staged update. The test kills it at one of its calls. */
import { countCalls } from '../support/count-calls.ts';

const [directory = '', work = '', killAt = '0'] = process.argv.slice(2);
const counter = countCalls(Number(killAt));
const { openStaging, stage } = await import('./rig.ts');
const staging = openStaging(directory);
counter.begin();
if (work === 'stage') await stage(staging, '1.1.0');
const staged = await staging.current();
if (work === 'discard') await staging.discard();
if (work === 'cleanup') await staging.cleanup();
if (work === 'retire' && staged !== undefined) await staging.retire(staged);
process.stdout.write(`calls ${counter.calls()}\n`);
