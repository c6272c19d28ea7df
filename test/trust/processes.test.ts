// @module-tag slow
import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { type MovingRepository, serveMovingRepository } from '../support/moving-repository.ts';
import { randomFrom } from '../support/random-bytes.ts';
import type { RefreshLoop } from './refresh-loop.ts';
import { type Followed, refreshStore } from './refresh-store.ts';

let repository: MovingRepository;
let directory: string;
let root: string;
const http = createNodeHttpClient();
beforeAll(async () => {
  repository = await serveMovingRepository();
  directory = await mkdtemp(join(tmpdir(), 'processes-'));
  await chmod(directory, 0o755);
  root = join(directory, 'root.json');
  await writeFile(root, repository.anchor);
});
afterAll(async () => {
  await http.close();
  await repository?.close();
  await rm(directory, { recursive: true });
});

/** A separate store whose repository advances with each refresh. */
const laneAt = (name: string): Followed => ({
  metadataUrl: repository.metadataUrl(name),
  directory: join(directory, name),
});

/** A process that refreshes. `told` receives the outcome of each refresh. */
function start(loop: Omit<RefreshLoop, 'root'>, told: (outcome: number | string) => void): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compiled') };
  const args = [JSON.stringify({ root, ...loop } satisfies RefreshLoop)];
  const child = fork(join(import.meta.dirname, 'refresh-loop.ts'), args, { stdio: 'inherit', env });
  child.on('message', (message) => told(message as number | string));
  return child;
}

async function finish(loop: Omit<RefreshLoop, 'root'>): Promise<readonly (number | string)[]> {
  const outcomes: (number | string)[] = [];
  const [code] = await once(
    start(loop, (outcome) => outcomes.push(outcome)),
    'exit',
  );
  return code === 0 ? outcomes : [`exit ${String(code)}`];
}

/** Runs in this process. */
const refresh = (followed: Followed): Promise<number | string> => refreshStore(followed, repository.anchor, http);

describe('processes', () => {
  it('that check one store at once all succeed and keep the newest', { timeout: 60_000 }, async () => {
    const lane = laneAt('shared');
    // Without retries: nothing that one process does may look like an attack to another.
    const seen = await Promise.all([1, 2, 3].map(() => finish({ ...lane, rounds: 12 })));
    const newest = Math.max(...seen.flat().map(Number));
    repository.hold('shared', newest - 1);
    expect({
      areRising: seen.map((one) => isRising(one)),
      refreshes: seen.flat().length,
      olderRepository: await refresh(lane),
    }).toEqual({
      areRising: [true, true, true],
      refreshes: 36,
      olderRepository: 'TRUST_ROLLBACK',
    });
  });
});

describe('trap 2: a store whose process was killed', () => {
  /** The number of processes. FAULT_RUNS sets more. */
  const kills = Number(process.env['FAULT_RUNS'] ?? 200);
  const workers = 4;

  it(
    'has only whole files and has lost no progress, whenever the process was killed',
    { timeout: 1000 * kills },
    async () => {
      const seed = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31));
      const random = randomFrom(seed);
      console.info(`kills at random moments: KILL_SEED=${seed}`);
      const moments = Array.from({ length: kills }, () => 2 + 3 * random());
      const lost: string[] = [];
      let [killed, interrupted] = [0, 0];
      const next = async (): Promise<void> => {
        for (let moment = moments.pop(); moment !== undefined; moment = moments.pop()) {
          const name = `kill-${moments.length}`;
          const { version, signal } = await killAt(name, moment);
          const what = await examine(name, version);
          if (signal === 'SIGKILL') killed++;
          if (what.leftOver) interrupted++;
          if (what.lost !== undefined) lost.push(`${name} at ${moment}: ${what.lost}`);
        }
      };
      await Promise.all(Array.from({ length: workers }, next));
      console.info(`${interrupted} of ${killed} processes were killed between the first byte of a file and its rename`);
      expect({ seed, killed, lost }).toEqual({ seed, killed: kills, lost: [] });
    },
  );
});

describe.skipIf(process.platform === 'win32')('a store that its user may not', () => {
  const uid = process.geteuid?.() === 0 ? 65_534 : undefined;

  it.each([
    ['write', 0o555, 0o444],
    ['read', 0o000, 0o000],
  ])('%s does not disable updates, and remembers again afterwards', { timeout: 60_000 }, async (what, ...modes) => {
    const name = `may-not-${what}`;
    const lane = laneAt(name);
    await mkdir(lane.directory);
    if (uid !== undefined) await chown(lane.directory, uid, uid);
    const go = (rounds: number): ReturnType<typeof finish> =>
      finish({ ...lane, rounds, ...(uid === undefined ? {} : { uid }) });
    const first = await go(2);
    const [before, restore] = await forbid(lane.directory, modes[0] ?? 0, modes[1] ?? 0);
    const second = await go(2);
    const after = await restore();
    repository.hold(name, 1);
    expect({ first, second, same: after.join() === before.join(), third: await go(1) }).toEqual({
      first: [1, 2],
      second: [3, 4],
      same: true,
      third: ['TRUST_ROLLBACK'],
    });
  });
});

/**
 * Kills a process after a number of refreshes. After 2.3 means: when the third has taken 0.3 of the time of the second.
 * @returns the last version that it saw, and how it ended
 */
async function killAt(
  name: string,
  moment: number,
): Promise<{ readonly version: number; readonly signal: NodeJS.Signals | null }> {
  let [version, refreshes, last] = [0, 0, performance.now()];
  const child = start(laneAt(name), (outcome) => {
    version = Number(outcome);
    refreshes++;
    const took = performance.now() - last;
    last += took;
    if (refreshes === Math.floor(moment)) setTimeout(() => child.kill('SIGKILL'), took * (moment % 1));
  });
  const [, signal] = (await once(child, 'exit')) as [code: number | null, signal: NodeJS.Signals | null];
  return { version, signal };
}

/** Checks that all files are whole, that an older repository is refused, and that the next refresh succeeds. */
async function examine(
  name: string,
  seen: number,
): Promise<{ readonly lost: string | undefined; readonly leftOver: boolean }> {
  const lane = laneAt(name);
  const files = (await readdir(lane.directory, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  const leftOver = files.some((file) => file.name.endsWith('.tmp'));
  for (const file of files.filter((one) => one.name.endsWith('.json'))) {
    if (!isJson(await readFile(join(file.parentPath, file.name), 'utf8'))) return { lost: file.name, leftOver };
  }
  repository.hold(name, seen - 1);
  const older = seen > 1 ? await refresh(lane) : 'TRUST_ROLLBACK';
  repository.hold(name, seen + 9);
  const newer = await refresh(lane);
  const isRight = seen >= 1 && older === 'TRUST_ROLLBACK' && newer === seen + 9;
  return { lost: isRight ? undefined : `saw ${seen}, then ${older}, then ${newer}`, leftOver };
}

/** Takes rights away. @returns the files before, and a function that restores the rights and returns the files after */
async function forbid(
  store: string,
  directoryMode: number,
  fileMode: number,
): Promise<readonly [before: readonly string[], restore: () => Promise<readonly string[]>]> {
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  const places = entries.map((one) => ({ path: join(one.parentPath, one.name), isFile: one.isFile() }));
  const all = [{ path: store, isFile: false }, ...places];
  const before = await contentsOf(store);
  for (const { path, isFile } of all.toReversed()) await chmod(path, isFile ? fileMode : directoryMode);
  return [
    before,
    async () => {
      for (const { path, isFile } of all) await chmod(path, isFile ? 0o600 : 0o700);
      return contentsOf(store);
    },
  ];
}

async function contentsOf(store: string): Promise<readonly string[]> {
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.name.endsWith('.json')).map((one) => join(one.parentPath, one.name));
  return Promise.all(files.toSorted().map(async (file) => `${file} ${await readFile(file, 'utf8')}`));
}

function isRising(list: readonly (number | string)[]): boolean {
  return list.every((one, at) => typeof one === 'number' && (at === 0 || one > Number(list[at - 1])));
}

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
