import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { limits } from '../src/main/trust/tuf/metadata/limits.ts';
import type { UpdateErrorCode } from '../src/shared/errors.ts';
import { type BinnedRepository, binnedRepository } from '../test/support/binned-repository.ts';
import { type FileServer, serveFiles } from '../test/support/serve-files.ts';
import { type Bench, type BenchReport, type BenchRow, compare, inTurn, median, type Measures } from './frame.ts';
import type { Outcome } from './trust-contender.ts';

/** Checks and lookups in large repositories, and a root that was designed to cost time. */
export const bench: Bench = {
  about: 'checks and lookups in large repositories, ours against plain tuf-js; each run in its own process',
  async run(report) {
    const home = await mkdtemp(join(tmpdir(), 'bench-trust-'));
    try {
      const rows: BenchRow[] = [];
      const wanted = scenarios.filter(({ title }) => report.wants(title));
      for (const scenario of wanted) rows.push(...(await play(scenario, join(home, scenario.id), report)));
      return rows;
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};

interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly make: () => BinnedRepository;
  /** Also looks the target up, whose bin is not stored yet. */
  readonly lookUp: boolean;
  /** The code with which ours refuses it. tuf-js must refuse it with any error. */
  readonly refused?: UpdateErrorCode;
  readonly rounds: number;
}

const scenarios: readonly Scenario[] = [
  {
    id: 'a',
    title: 'warm check, 256 bins × 10,000',
    make: () => binnedRepository(8, 10_000),
    lookUp: false,
    rounds: 7,
  },
  { id: 'b', title: 'look-up, 16 bins × 100,000', make: () => binnedRepository(4, 100_000), lookUp: true, rounds: 1 },
  {
    id: 'c',
    title: 'unsigned root of 500 KiB with thousands of keys',
    make: () => hostile({ isSigned: false, nameLength: 8 }),
    lookUp: false,
    refused: 'TRUST_TOO_LARGE',
    rounds: 1,
  },
  {
    id: 'd',
    title: 'falsely signed root of 500 KiB within every limit',
    make: () => hostile({ isSigned: true, nameLength: 300 }),
    lookUp: false,
    refused: 'TRUST_UNSIGNED',
    rounds: 1,
  },
  {
    id: 'e',
    title: 'warm check, 16,384 bins × 10,000',
    make: () => binnedRepository(14, 10_000),
    lookUp: false,
    rounds: 1,
  },
];

async function play(scenario: Scenario, home: string, report: BenchReport): Promise<readonly BenchRow[]> {
  const { title, lookUp, rounds, refused } = scenario;
  const repository = scenario.make();
  const server = await serveFiles(repository.metadata);
  const rootFile = join(home, 'root.json');
  const target = lookUp ? [repository.path] : [];
  try {
    await mkdir(home, { recursive: true });
    await writeFile(rootFile, repository.anchor);
    const warm = { ours: join(home, 'ours'), 'tuf-js': join(home, 'tuf-js') };
    if (refused === undefined) await measure('ours', server, warm.ours, rootFile, [], undefined);
    await prepareTufJs(warm['tuf-js'], repository);
    const contender = (name: 'ours' | 'tuf-js') => ({
      name,
      run: () => medianOf(name === 'ours' && rounds === 1 ? 5 : 1, () => once(name)),
    });
    const once = async (name: 'ours' | 'tuf-js'): Promise<Measures> => {
      const directory = await mkdtemp(join(home, 'run-'));
      if ((await readdir(home)).includes(name)) await cp(warm[name], directory, { recursive: true });
      return measure(name, server, directory, rootFile, target, refused);
    };
    report.note(title);
    return compare(title, await inTurn([contender('ours'), contender('tuf-js')], report, { rounds, warmUps: 0 }));
  } finally {
    await server.close();
  }
}

/** If the baseline takes minutes, it runs only once, while ours runs often enough for a median. */
async function medianOf(times: number, run: () => Promise<Measures>): Promise<Measures> {
  const runs: Measures[] = [];
  for (let time = 0; time < times; time++) runs.push(await run());
  const metrics = Object.keys(runs[0] ?? {});
  return Object.fromEntries(metrics.map((metric) => [metric, median(runs.map((one) => one[metric] ?? NaN))]));
}

async function measure(
  name: string,
  server: FileServer,
  directory: string,
  rootFile: string,
  target: readonly string[],
  refused: UpdateErrorCode | undefined,
): Promise<Measures> {
  const script = join(import.meta.dirname, 'trust-contender.ts');
  const [requests, bytes] = [server.requests.length, server.bytes()];
  const args = [script, name, server.url, directory, rootFile, ...target];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { ms, block, error, code } = JSON.parse(stdout) as Outcome;
  const isExpected = name === 'ours' ? code === refused : (error === undefined) === (refused === undefined);
  if (!isExpected) throw new Error(`${name}: ${error ?? 'was not refused'}`);
  return {
    'time ms': ms,
    'longest block ms': block,
    requests: server.requests.length - requests,
    'body bytes': server.bytes() - bytes,
  };
}

/** The files that tuf-js stores in a check, which would take it minutes in the largest repository. */
async function prepareTufJs(directory: string, { metadata }: BinnedRepository): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of ['1.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json']) {
    await writeFile(join(directory, name.replace(/^1\./, '')), metadata.get(name) ?? '');
  }
}

/**
 * A second root of exactly the largest size that is parsed, full of keys. `isSigned` adds an invalid signature in the
 * name of a trusted key. Only the canonical form then shows that it is invalid.
 */
function hostile({ isSigned, nameLength }: { isSigned: boolean; nameLength: number }): BinnedRepository {
  const repository = binnedRepository(1, 1);
  const { signed } = JSON.parse(Buffer.from(repository.anchor).toString('utf8')) as { signed: SignedRoot };
  const [keyid = ''] = signed.roles.root.keyids;
  const signatures = isSigned ? [{ keyid, sig: '00'.repeat(64) }] : [];
  const key = { keytype: 'x', scheme: 'x', keyval: { public: 'x' } };
  const document = (names: readonly string[]): Buffer => {
    const keys = { ...signed.keys, ...Object.fromEntries(names.map((name) => [name, key])) };
    return Buffer.from(JSON.stringify({ signatures, signed: { ...signed, version: 2, keys } }));
  };
  const each = document(['k'.repeat(nameLength)]).length - document([]).length;
  const count = Math.floor((limits.root.bytes - document([]).length) / each);
  const names = Array.from({ length: count }, (_, at) => String(at).padStart(nameLength, 'k'));
  const rest = limits.root.bytes - document(names).length;
  const bytes = document([...names.slice(1), 'k'.repeat(nameLength + rest)]);
  return { ...repository, metadata: new Map([...repository.metadata, ['2.root.json', bytes]]) };
}

interface SignedRoot {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly roles: { readonly root: { readonly keyids: readonly string[] } };
}
