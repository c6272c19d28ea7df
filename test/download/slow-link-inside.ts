/** `unshare --net node slow-link-inside.ts <job as JSON>`: narrows loopback, downloads over it, prints the reports. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Progress } from '../../src/shared/state.ts';
import { createDownloadRig, type Outcome } from '../support/download-rig.ts';
import { startNginx } from '../support/nginx.ts';

export interface SlowLinkJob {
  /** Contains `file.bin`. */
  readonly directory: string;
  readonly bytesPerSecond: number;
}

export interface SlowLinkReport {
  readonly outcome: Outcome;
  readonly reports: readonly Progress[];
}

async function main({ directory, bytesPerSecond }: SlowLinkJob): Promise<SlowLinkReport> {
  execFileSync('ip', ['link', 'set', 'lo', 'up', 'mtu', '1500']);
  const rate = ['rate', `${bytesPerSecond * 8}bit`, 'burst', '16kb', 'latency', '100ms'];
  execFileSync('tc', ['qdisc', 'add', 'dev', 'lo', 'root', 'tbf', ...rate]);
  const nginx = await startNginx(directory);
  const bytes = await readFile(join(directory, 'file.bin'));
  const limits = { speed: 1, maxConnections: 4, headersTimeoutMs: 15_000, idleTimeoutMs: 15_000 };
  const rig = await createDownloadRig(bytes, [nginx.url], limits);
  const reports: Progress[] = [];
  try {
    const outcome = await rig.run({ onProgress: (progress) => reports.push(progress) });
    return { outcome, reports };
  } finally {
    await rig.close();
    await nginx.close();
  }
}

console.log(JSON.stringify(await main(JSON.parse(process.argv[2] ?? '') as SlowLinkJob)));
