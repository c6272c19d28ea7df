import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Nginx, startNginx } from '../test/support/nginx.ts';
import { titles, toDocs } from './download/docs.ts';
import { startDyingMirror } from './download/dying.ts';
import { compareFar } from './download/far.ts';
import { type RandomFile, writeRandomFile } from './download/random-file.ts';
import { buildContenders, type ContenderName, runContender, runCurl } from './download/run-contender.ts';
import {
  type Bench,
  type BenchReport,
  type BenchRow,
  compare,
  type Contender,
  inTurn,
  type Measures,
  median,
  row,
} from './frame.ts';

/** The contenders' names in the table. */
const baselines: readonly (readonly [string, ContenderName])[] = [
  ['node:http + sha512 + flush + rename', 'plain'],
  ["electron-updater's own executor", 'electron-updater'],
  ['tuf-js `downloadTarget`', 'tuf-js'],
];

const curl = 'curl, neither hash nor flush';

/** What all cases share. */
interface BenchEnvironment {
  readonly home: string;
  readonly nginx: Nginx;
  readonly report: BenchReport;
}

export const bench: Bench = {
  docs: (rows) => toDocs(rows, [...baselines.map(([name]) => name), curl]),
  about: 'a file from nginx on loopback: download, verify, flush, rename; each run in its own process',
  async run(report) {
    const home = await mkdtemp(join(tmpdir(), 'bench-download-'));
    const nginx = await startNginx(home);
    const environment = { home, nginx, report };
    try {
      await buildContenders(join(home, 'built'));
      return [
        ...(await againstBaselines(environment)),
        ...(await memoryBySize(environment)),
        ...(await dyingMirror(environment)),
        ...(await far(environment)),
      ];
    } finally {
      await nginx.close();
      await rm(home, { recursive: true, force: true });
    }
  },
};

async function againstBaselines(environment: BenchEnvironment): Promise<readonly BenchRow[]> {
  const file = await fileOf(environment, 'file.bin', 200);
  const urls = [`${environment.nginx.url}/file.bin`] as const;
  const task = { urls, to: join(environment.home, 'out'), ...file };
  const all: Contender[] = [
    { name: 'ours', run: async () => ours(environment, urls, file) },
    ...baselines.map(([name, module]) => ({
      name,
      run: async () => runContender(join(environment.home, 'built'), module, task),
    })),
    { name: curl, run: async () => runCurl(task) },
  ];
  return compare('200 MB', await inTurn(all, environment.report, { rounds: 7 }));
}

/** The memory peaks of a small and a large file, compared with that of 200 MB. */
async function memoryBySize(environment: BenchEnvironment): Promise<readonly BenchRow[]> {
  const peaks = new Map<number, number>();
  for (const megabytes of [50, 200, 1000]) {
    environment.report.note(`memory at ${megabytes} MB`);
    const name = megabytes === 200 ? 'file.bin' : 'other.bin';
    const file = await fileOf(environment, name, megabytes);
    const runs = [];
    for (let round = 0; round < 5; round++)
      runs.push(await ours(environment, [`${environment.nginx.url}/${name}`], file));
    peaks.set(megabytes, median(runs.map((run) => run['peak RSS MB'] ?? NaN)));
  }
  const baseline = peaks.get(200) ?? NaN;
  return [50, 1000].map((megabytes) =>
    row(titles.size(megabytes), 'peak RSS MB', peaks.get(megabytes) ?? NaN, baseline),
  );
}

async function dyingMirror(environment: BenchEnvironment): Promise<readonly BenchRow[]> {
  const file = await fileOf(environment, 'file.bin', 200);
  const runs = [];
  for (let round = 0; round < 5; round++) {
    environment.report.note(`a mirror that dies, round ${round + 1} of 5`);
    const dying = await startDyingMirror(join(environment.home, 'file.bin'), file.length);
    runs.push(await ours(environment, [`${dying.url}/file.bin`, `${environment.nginx.url}/file.bin`], file));
    dying.close();
  }
  const received = median(runs.map((run) => run['received MB'] ?? NaN));
  return [row(titles.dying, 'received MB', received, file.length / 1e6)];
}

async function far(environment: BenchEnvironment): Promise<readonly BenchRow[]> {
  const file = await fileOf(environment, 'far.bin', 10);
  const paths = {
    contenders: join(environment.home, 'built'),
    www: environment.home,
    to: join(environment.home, 'out'),
  };
  return compareFar({ ...paths, file, roundTripMs: 40, loss: 0.01, rounds: 5 }, environment.report);
}

async function ours(
  environment: BenchEnvironment,
  urls: readonly [string, ...string[]],
  file: RandomFile,
): Promise<Measures> {
  return runContender(join(environment.home, 'built'), 'ours', { urls, to: join(environment.home, 'out'), ...file });
}

async function fileOf(environment: BenchEnvironment, name: string, megabytes: number): Promise<RandomFile> {
  return writeRandomFile(join(environment.home, name), megabytes * 1_000_000);
}
