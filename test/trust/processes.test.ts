import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createClient } from '../../src/main/client.ts';
import { type MovingRepository, serveMovingRepository } from '../support/moving-repository.ts';
import { coded } from '../support/world.ts';
import type { Lanes, Refreshed } from './refresh-lanes.ts';

let repository: MovingRepository;
let directory: string;
let root: string;
beforeAll(async () => {
  repository = await serveMovingRepository();
  directory = await mkdtemp(join(tmpdir(), 'processes-'));
  await chmod(directory, 0o755);
  root = join(directory, 'root.json');
  await writeFile(root, repository.anchor);
});
afterAll(async () => {
  await repository?.close();
  await rm(directory, { recursive: true });
});

const laneAt = (name: string, store = name): Lanes['lanes'][number] => ({
  name,
  metadataUrl: repository.metadataUrl(name),
  directory: join(directory, store),
});

/** A process that refreshes; `told` gets what it tells. */
function start(lanes: Omit<Lanes, 'root'>, told: (one: Refreshed) => void): ChildProcess {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compiled') };
  const args = [JSON.stringify({ root, ...lanes } satisfies Lanes)];
  const child = fork(join(import.meta.dirname, 'refresh-lanes.ts'), args, { stdio: 'inherit', env });
  child.on('message', (message) => told(message as Refreshed));
  return child;
}

async function finish(lanes: Omit<Lanes, 'root'>): Promise<readonly (number | string)[]> {
  const outcomes: (number | string)[] = [];
  const [code] = await once(
    start(lanes, ({ outcome }) => outcomes.push(outcome)),
    'exit',
  );
  return code === 0 ? outcomes : [`exit ${String(code)}`];
}

/** A refresh in this process: the version of the timestamp, or the code of the refusal. */
async function refresh({ metadataUrl, directory }: Lanes['lanes'][number]): Promise<number | string> {
  const client = createClient({
    config: { metadataUrl, targetsUrls: [metadataUrl], publisher: 'none' },
    anchor: { type: 'root', bytes: repository.anchor },
    directory,
    patience: { quick: [], long: [] },
  });
  try {
    return await coded(async () => (await client.tuf.refresh()).timestampVersion);
  } finally {
    await client.close();
  }
}

describe('processes', () => {
  it('that check one store at once all succeed, and keep the newest', { timeout: 60_000 }, async () => {
    const lane = laneAt('shared');
    // Without patience: nothing that one process does may look like an attack to another.
    const seen = await Promise.all([1, 2, 3].map(() => finish({ lanes: [lane], rounds: 12 })));
    const newest = Math.max(...seen.flat().map(Number));
    repository.hold('shared', newest - 1);
    expect([seen.map((one) => isRising(one)), seen.flat().length, await refresh(lane)]).toEqual([
      [true, true, true],
      36,
      'TRUST_ROLLBACK',
    ]);
  });
});

describe('trap 2: a store whose process was killed', () => {
  const [processes, lanesEach] = [50, 4];

  it('has whole files and has forgotten nothing, wherever the kill struck', { timeout: 120_000 }, async () => {
    const seed = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31));
    const random = randomFrom(seed);
    console.info(`kills at random moments: KILL_SEED=${seed}`);
    const delays = Array.from({ length: processes }, () => random() * 120);
    const lost: string[] = [];
    let [stores, interrupted] = [0, 0];
    const next = async (): Promise<void> => {
      for (let delay = delays.pop(); delay !== undefined; delay = delays.pop()) {
        const names = Array.from({ length: lanesEach }, (_, at) => `kill-${delays.length}-${at}`);
        const seen = await killAfter(names, delay);
        for (const name of names) {
          const what = await examine(name, seen.get(name) ?? 0);
          stores++;
          if (what.leftOver) interrupted++;
          if (what.lost !== undefined) lost.push(`${name} after ${delay} ms: ${what.lost}`);
        }
      }
    };
    await Promise.all([next(), next(), next()]);
    console.info(`${interrupted} of ${stores} stores were killed between the first byte of a file and its rename`);
    expect({ seed, stores, lost }).toEqual({ seed, stores: processes * lanesEach, lost: [] });
  });
});

describe.skipIf(process.platform === 'win32')('a store that its user may not', () => {
  const uid = process.geteuid?.() === 0 ? 65_534 : undefined;

  it.each([
    ['write', 0o555, 0o444],
    ['read', 0o000, 0o000],
  ])('%s does not disable updates, and remembers again afterwards', { timeout: 60_000 }, async (what, ...modes) => {
    const lane = laneAt(`may-not-${what}`);
    await mkdir(lane.directory);
    if (uid !== undefined) await chown(lane.directory, uid, uid);
    const go = (rounds: number): ReturnType<typeof finish> =>
      finish({ lanes: [lane], rounds, ...(uid === undefined ? {} : { uid }) });
    const first = await go(2);
    const [before, restore] = await forbid(lane.directory, modes[0] ?? 0, modes[1] ?? 0);
    const second = await go(2);
    const after = await restore();
    repository.hold(lane.name, 1);
    expect({ first, second, same: after.join() === before.join(), third: await go(1) }).toEqual({
      first: [1, 2],
      second: [3, 4],
      same: true,
      third: ['TRUST_ROLLBACK'],
    });
  });
});

/** Kills a process some milliseconds after each of its lanes has refreshed once. @returns the last version of each */
async function killAfter(names: readonly string[], delay: number): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  const { promise: allSeen, resolve } = Promise.withResolvers<void>();
  const child = start({ lanes: names.map((name) => laneAt(name)) }, ({ lane, outcome }) => {
    seen.set(lane, Number(outcome));
    if (seen.size === names.length) resolve();
  });
  const exit = once(child, 'exit');
  await Promise.race([allSeen, exit]);
  await setTimeout(delay);
  child.kill('SIGKILL');
  await exit;
  return seen;
}

/** Whole files; an older repository is refused; the next refresh goes on. */
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

/** Takes rights away. @returns what was there, and a function that gives the rights back and says what is there then */
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

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
