// @module-tag slow
import { describe, expect, it } from 'vitest';

import { publishBuild } from '../../src/publish/workflow/publish-build.ts';
import type { PublishedIndex, ReleaseOptions } from '../../src/publish/workflow/publish-indexes.ts';
import { updateReleasePolicy } from '../../src/publish/workflow/update-policy.ts';
import type { Release, ReleaseIndex } from '../../src/shared/release-index.ts';
import { writeDeb } from './builds.ts';
import { type CliRun, type CliWorld, createCliWorld, jsonOf } from './cli-world.ts';
import { machineOf } from './machines.ts';
import type { RelayScript } from './relay.ts';

/** The whole test takes some minutes: `PUBLISH_ROUNDS=100 npx vitest run test/publish/concurrent.test.ts` */
const rounds = Number(process.env['PUBLISH_ROUNDS'] ?? '10');

interface Work {
  readonly name: string;
  readonly run: (machine: ReleaseOptions) => Promise<readonly PublishedIndex[]>;
  /** Is it in an index? */
  readonly isIn: (releases: readonly Release[]) => boolean;
}

function find(releases: readonly Release[], version: string): Release | undefined {
  return releases.find((release) => release.version === version);
}

/** What up to five people do at once: two jobs of one build, another release, a withdrawal, a rollout. */
async function workOf(world: CliWorld, round: number): Promise<readonly Work[]> {
  const [main, other, old] = [`1.${round}.0`, `1.${round}.1`, `1.${round - 1}.0`];
  const appImage = await world.build(main);
  const deb = await writeDeb(world.path(`deb-${main}`), main);
  const extra = await world.build(other);
  const build = (name: string, directory: string, version: string, kind: string): Work => ({
    name,
    run: async (machine) => (await publishBuild({ ...machine, directory, policy: {} })).indexes,
    isIn: (releases) => find(releases, version)?.artifacts.some((artifact) => artifact.kind === kind) === true,
  });
  const policy = (name: string, change: Partial<Release>, isIn: (release: Release) => boolean): Work => ({
    name,
    run: async (machine) => updateReleasePolicy({ ...machine, version: old, policy: change }),
    isIn: (releases) => {
      const release = find(releases, old);
      return release !== undefined && isIn(release);
    },
  });
  return [
    build('AppImage job', appImage, main, 'appimage'),
    build('deb job', deb, main, 'deb'),
    policy('withdrawal', { withdrawn: true }, ({ withdrawn }) => withdrawn),
    build('another release', extra, other, 'appimage'),
    policy('rollout', { rollout: { basisPoints: 500 } }, ({ rollout }) => rollout?.basisPoints === 500),
  ];
}

describe('publishers on several machines at once', () => {
  it(`lose nothing, and each reports the truth (${rounds} rounds)`, async () => {
    await using world = await createCliWorld();
    const machines = await Promise.all([0, 1, 2, 3, 4].map(async (number) => machineOf(world, number)));
    const first = await world.build('1.0.0');
    await publishBuild({ ...(machines[0] as ReleaseOptions), directory: first, policy: {} });
    const untrue: unknown[] = [];
    let revision = 1;
    for (let round = 1; round <= rounds; round += 1) {
      const work = (await workOf(world, round)).slice(0, 2 + (round % 4));
      const results = await Promise.allSettled(
        work.map(async ({ run }, at) => run(machines[(at + round) % 5] as ReleaseOptions)),
      );
      const index = (await world.index()) as ReleaseIndex;
      for (const [at, { name, isIn }] of work.entries()) {
        const result = results[at];
        const ended = result?.status === 'fulfilled' ? 'published' : String(result?.reason);
        if (ended !== 'published' || !isIn(index.releases))
          untrue.push({ round, name, ended, index: isIn(index.releases) });
      }
      if (index.revision < revision + work.length) untrue.push({ round, revision: index.revision, before: revision });
      revision = index.revision;
    }
    expect(untrue).toEqual([]);
  }, 1_200_000);
});

/** Lets another machine publish between this publisher's last look and RSTUF. */
function raceAt(request: string, race: () => Promise<void>, after: () => Promise<void> = async () => {}): RelayScript {
  let posts = 0;
  return async ({ line, forward }) => {
    const isIt = line.startsWith(request) && ++posts === 2;
    if (isIt) await race();
    const answer = await forward();
    if (isIt) await after();
    return answer;
  };
}

describe('a publisher that is too late', () => {
  it('reports which publisher was first, and merges both into a revision', async () => {
    let other: () => Promise<void> = async () => {};
    await using world = await createCliWorld({ between: raceAt('POST', async () => other()) });
    const machine = await machineOf(world, 1);
    other = async () => {
      await publishBuild({ ...machine, directory: await world.build('2.0.0'), policy: {} });
    };
    const late = await world.run(...world.publishArgs(await world.build('1.0.0')));
    expect({ code: late.code, stderr: late.stderr, index: await world.index() }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        'Another publisher was first on stable linux-x64: its revision 1 (2.0.0 added) is valid',
      ) as string,
      index: { revision: 2, releases: [{ version: '2.0.0' }, { version: '1.0.0' }] },
    });
  });

  it('and is killed before it can restore what it overwrote: the next publisher does', async () => {
    let other: () => Promise<void> = async () => {};
    let victim: CliRun | undefined;
    await using world = await createCliWorld({
      between: raceAt(
        'POST',
        async () => other(),
        async () => {
          victim?.kill('SIGKILL');
          await victim?.done;
        },
      ),
    });
    const machine = await machineOf(world, 1);
    other = async () => {
      await publishBuild({ ...machine, directory: await world.build('2.0.0'), policy: {} });
    };
    const args = world.publishArgs(await world.build('1.0.0'));
    victim = world.start(...args);
    const { signal } = await victim.done;
    victim = undefined;
    const again = await world.run(...args);
    expect({ signal, again: again.code, report: jsonOf(again), index: await world.index() }).toMatchObject({
      signal: 'SIGKILL',
      again: 0,
      report: { indexes: [{ revision: 2, changed: true }] },
      index: { revision: 2, releases: [{ version: '2.0.0' }, { version: '1.0.0' }] },
    });
  });

  it('with a prepared release gives way, and the release must be prepared again', async () => {
    let other: () => Promise<void> = async () => {};
    let isArmed = false;
    await using world = await createCliWorld({
      between: async ({ line, forward }) => {
        if (isArmed && line.startsWith('POST')) {
          isArmed = false;
          await other();
        }
        return forward();
      },
    });
    const machine = await machineOf(world, 1);
    other = async () => {
      await publishBuild({ ...machine, directory: await world.build('2.0.0'), policy: {} });
    };
    const build = await world.build('1.0.0');
    const file = world.path('release.json');
    await world.run(...world.publishArgs(build, '--prepare', file));
    isArmed = true;
    const late = await world.run(...world.publishArgs(build, '--signed', file).filter((word) => word !== build));
    expect({ code: late.code, error: jsonOf(late), index: await world.index() }).toMatchObject({
      code: 1,
      error: { error: { code: 'PUBLISH_CONFLICT' } },
      index: { revision: 1, releases: [{ version: '2.0.0' }] },
    });
  });
});
