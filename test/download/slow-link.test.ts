// @module-tag slow
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { seededBytes } from '../support/random-bytes.ts';
import { type Requirement, requires, root } from '../support/requires.ts';
import type { SlowLinkJob, SlowLinkReport } from './slow-link-inside.ts';

const bytes = seededBytes(8_000_000);
const length = bytes.length;
const bytesPerSecond = 2_000_000;

/** Besides programs and rights, the kernel must support the token bucket filter. */
const shaping: Requirement = {
  name: 'root that may shape traffic, and a kernel that can',
  remedy: 'sudo npm test, in no container or a privileged one',
  get isMet() {
    return mayNarrow();
  },
  isOptional: true,
};

function mayNarrow(): boolean {
  const tbf = ['qdisc', 'add', 'dev', 'lo', 'root', 'tbf', 'rate', '1mbit', 'burst', '16kb', 'latency', '100ms'];
  return spawnSync('unshare', ['--net', 'tc', ...tbf]).status === 0;
}

describe(
  'a download over a line of 16 Mbit/s, in a network namespace of its own',
  requires(root, 'unshare', 'ip', 'tc', 'nginx', shaping),
  () => {
    let directory: string;
    let report: SlowLinkReport;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'slow-'));
      await writeFile(join(directory, 'file.bin'), bytes);
      const job: SlowLinkJob = { directory, bytesPerSecond };
      const inside = [process.execPath, join(import.meta.dirname, 'slow-link-inside.ts'), JSON.stringify(job)];
      const { stdout } = await promisify(execFile)('unshare', ['--net', ...inside], { maxBuffer: 10_000_000 });
      report = JSON.parse(stdout) as SlowLinkReport;
    }, 60_000);
    afterAll(async () => rm(directory, { recursive: true, force: true }));

    it('fetches almost nothing twice, although it tries more connections', () => {
      const { outcome } = report;
      expect(outcome).toMatchObject({ right: true, saved: 0 });
      expect('received' in outcome && [outcome.received < 1.1 * length, outcome.requests <= 6]).toEqual([true, true]);
    });

    it('reports the rate of the line and the remaining time', () => {
      // The line cannot deliver more. A busy machine may deliver less.
      const [most, least] = [bytesPerSecond * 1.1, bytesPerSecond / 5];
      const told = report.reports.filter(({ etaSeconds }) => etaSeconds !== undefined);
      const wrong = told.filter(({ received, bytesPerSecond: rate, etaSeconds = NaN }) => {
        const left = length - received;
        return rate > most || rate < least || etaSeconds < left / most || etaSeconds > Math.ceil(left / least);
      });
      expect([told.length > 5, wrong]).toEqual([true, []]);
    });
  },
);
