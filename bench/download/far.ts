import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { requires } from '../../test/support/requires.ts';
import { type BenchReport, type BenchRow, compare, type Result } from '../frame.ts';
import type { FarJob } from './far-inside.ts';

/**
 * Runs over a distant, lossy link in its own network namespace. Skipped, with a reason, where that is not permitted.
 */
export async function compareFar(job: FarJob, report: BenchReport): Promise<readonly BenchRow[]> {
  if (process.getuid?.() !== 0 || requires('unshare', 'ip', 'iptables', 'python3').skip === true) {
    report.note('left out: the distant link needs root, unshare, ip, iptables and python3');
    return [];
  }
  const script = join(import.meta.dirname, 'far-inside.ts');
  const inside = promisify(execFile)('unshare', ['--net', process.execPath, script, JSON.stringify(job)]);
  inside.child.stderr?.pipe(process.stderr);
  const results = JSON.parse((await inside).stdout) as readonly Result[];
  const title = `${job.file.length / 1e6} MB, ${job.roundTripMs} ms round trip, ${job.loss * 100} % loss`;
  return compare(title, results).filter(({ metric }) => metric === 'time ms');
}
