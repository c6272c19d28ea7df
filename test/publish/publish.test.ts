// @module-tag slow
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writeBuilt } from './builds.ts';
import { app, type CliResult, type CliWorld, createCliWorld, jsonOf } from './cli-world.ts';

const artifact = `${app}/releases/1.0.0/Notes-1.0.0-linux-x86_64.AppImage`;

function failure(result: CliResult): unknown {
  const { error } = jsonOf(result) as { error: { code: string } };
  expect(result.stderr).toContain(`error ${error.code}: `);
  return { exit: result.code, code: error.code };
}

describe('electron-tuf publish', () => {
  it('publishes a build, and changes nothing when it runs again', async () => {
    await using world = await createCliWorld();
    const build = await world.build('1.0.0');
    const first = await world.run(...world.publishArgs(build));
    const index = await world.index();
    const second = await world.run(...world.publishArgs(build));
    const report = {
      app,
      channel: 'stable',
      channels: ['stable'],
      version: '1.0.0',
      artifacts: [{ path: artifact, kind: 'appimage', length: 18, sha256: expect.any(String) as string }],
      deltas: [],
      ignored: [],
    };
    const listed = {
      path: `${app}/channels/stable/linux-x64.json`,
      channel: 'stable',
      platform: 'linux-x64',
      revision: 1,
      dropped: [],
    };
    expect([first, second].map((result) => [result.code, jsonOf(result)])).toEqual([
      [0, { ...report, registered: 1, indexes: [{ ...listed, changed: true }] }],
      [0, { ...report, registered: 0, indexes: [{ ...listed, changed: false }] }],
    ]);
    expect([index, await world.index()].map((one) => typeof one === 'object' && one.revision)).toEqual([1, 1]);
    expect(index).toMatchObject({
      releases: [{ version: '1.0.0', releasedAt: '2026-11-22T10:00:00.000Z', notes: { en: 'What is new in 1.0.0' } }],
    });
  });

  it('lists the next version first, with its policy', async () => {
    await using world = await createCliWorld();
    await writeFile(world.path('de.md'), 'Neu');
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const policy = ['--rollout', '12.5%', '--rollout-complete', '2027-01-01', '--critical', '--requires', '>=1.0.0'];
    const more = ['--data-version', '3', '--minimum-system-version', '6.1', '--notes', 'de=de.md'];
    const { code } = await world.run(...world.publishArgs(await world.build('1.1.0'), ...policy, ...more));
    expect({ code, index: await world.index() }).toMatchObject({
      code: 0,
      index: {
        revision: 2,
        releases: [
          {
            version: '1.1.0',
            notes: { de: 'Neu' },
            critical: true,
            requires: '>=1.0.0',
            dataVersion: 3,
            minimumSystemVersion: '6.1',
            rollout: { basisPoints: 1250, completeAt: '2027-01-01T00:00:00.000Z' },
          },
          { version: '1.0.0' },
        ],
      },
    });
  });

  it('refuses other bytes for a published version, and changes nothing', async () => {
    await using world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const before = await world.index();
    const again = await world.run(...world.publishArgs(await world.build('1.0.0', 'other bytes')));
    expect({ again: failure(again), index: await world.index() }).toEqual({
      again: { exit: 1, code: 'PUBLISH_IMMUTABLE' },
      index: before,
    });
    expect(await readFile(join(world.repository.contentDirectory, artifact), 'utf8')).toBe('the bytes of 1.0.0');
  });

  it('withdraws a version', async () => {
    await using world = await createCliWorld();
    const build = await world.build('1.0.0');
    await world.run(...world.publishArgs(build));
    const withdraw = world.publishArgs(build, '--withdraw', '1.0.0').filter((word) => word !== build);
    const { code } = await world.run(...withdraw);
    expect({ code, index: await world.index() }).toMatchObject({
      code: 0,
      index: { revision: 2, releases: [{ version: '1.0.0', withdrawn: true }] },
    });
    expect(failure(await world.run(...withdraw.map((word) => (word === '1.0.0' ? '9.9.9' : word))))).toEqual({
      exit: 1,
      code: 'PUBLISH_INPUT',
    });
  });
});

describe('a release that would reach nobody', () => {
  it('is refused while its version is withdrawn, and offered again by --unwithdraw', async () => {
    await using world = await createCliWorld();
    const build = await world.build('1.0.0');
    const without = (...more: readonly string[]) => world.publishArgs(build, ...more).filter((word) => word !== build);
    await world.run(...world.publishArgs(build));
    await world.run(...without('--withdraw', '1.0.0'));
    const refused = await world.run(...world.publishArgs(build));
    const offered = await world.run(...without('--unwithdraw', '1.0.0'));
    expect([failure(refused), jsonOf(offered), await world.index()]).toMatchObject([
      { exit: 1, code: 'PUBLISH_INPUT' },
      { offered: '1.0.0' },
      { revision: 3, releases: [{ version: '1.0.0', withdrawn: false }] },
    ]);
  });

  it('is reported if it is older than the newest one', async () => {
    await using world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('2.0.0')));
    const { code, stderr } = await world.run(...world.publishArgs(await world.build('1.9.0')));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('1.9.0 is older than 2.0.0') as string,
    });
  });
});

describe('a release for several channels', () => {
  it('stands in the index of each, so that those on beta hear when stable overtakes it', async () => {
    await using world = await createCliWorld();
    const both = ['--channel', 'stable', '--channel', 'beta'];
    const beta = await world.run(...world.publishArgs(await world.build('1.1.0-beta.1'), '--channel', 'beta'));
    const stable = await world.build('1.1.0');
    const first = await world.run(...world.publishArgs(stable, ...both));
    const seen = [await world.index('stable'), await world.index('beta')];
    const withdraw = world.publishArgs(stable, '--withdraw', '1.1.0', ...both).filter((word) => word !== stable);
    const withdrawn = await world.run(...withdraw);
    expect([beta.code, jsonOf(first), ...seen]).toMatchObject([
      0,
      { channels: ['stable', 'beta'], registered: 1, indexes: [{ channel: 'stable' }, { channel: 'beta' }] },
      { revision: 1, releases: [{ version: '1.1.0' }] },
      { revision: 2, releases: [{ version: '1.1.0' }, { version: '1.1.0-beta.1' }] },
    ]);
    expect([withdrawn.code, await world.index('stable'), await world.index('beta')]).toMatchObject([
      0,
      { releases: [{ withdrawn: true }] },
      { releases: [{ withdrawn: true }, { withdrawn: false }] },
    ]);
  });

  it('is prepared and signed for all of them', async () => {
    await using world = await createCliWorld({ threshold: 2 });
    const build = await world.build('1.0.0');
    const file = world.path('release.json');
    const both = ['--channel', 'stable', '--channel', 'beta'];
    await world.run(...world.publishArgs(build, '--prepare', file, ...both));
    await world.run('sign', file, '--key', world.path('b.pem'), '--yes');
    const finished = await world.run(...world.publishArgs(build, '--signed', file).filter((word) => word !== build));
    expect([finished.code, await world.index('stable'), await world.index('beta')]).toMatchObject([
      0,
      { revision: 1 },
      { revision: 1 },
    ]);
  });
});

describe('the policy in the build', () => {
  it('applies to a new release, and no longer once it is listed', async () => {
    await using world = await createCliWorld();
    const files = { 'Notes-1.0.0.AppImage': 'bytes' };
    const build = await writeBuilt(world.path('dist'), '1.0.0', files, { stagingPercentage: 10 });
    await world.run(...world.publishArgs(build));
    const first = await world.index();
    await world.run(...world.publishArgs(build, '--rollout', '50'));
    await world.run(...world.publishArgs(build));
    expect([first, await world.index()]).toMatchObject([
      { revision: 1, releases: [{ rollout: { basisPoints: 1000 } }] },
      { revision: 2, releases: [{ rollout: { basisPoints: 5000 } }] },
    ]);
  });

  it('does not send a pre-release to everyone unless the channel is named', async () => {
    await using world = await createCliWorld();
    const build = await world.build('1.1.0-beta.1');
    const refused = await world.run(...world.publishArgs(build));
    const meant = await world.run(...world.publishArgs(build, '--channel', 'stable'));
    expect({ refused: failure(refused), meant: meant.code }).toEqual({
      refused: { exit: 1, code: 'PUBLISH_INPUT' },
      meant: 0,
    });
  });
});

describe('a threshold of publisher keys', () => {
  it('is checked before anything is published', async () => {
    await using world = await createCliWorld({ threshold: 2 });
    const result = await world.run(...world.publishArgs(await world.build('1.0.0')));
    expect([failure(result), await readdir(world.repository.contentDirectory), await world.index()]).toEqual([
      { exit: 1, code: 'PUBLISH_KEY' },
      [],
      'TRUST_TARGET_UNKNOWN',
    ]);
  });

  it('is reached by two keys in one command', async () => {
    await using world = await createCliWorld({ threshold: 2 });
    const { code } = await world.run(...world.publishArgs(await world.build('1.0.0'), '--key', world.path('b.pem')));
    expect({ code, index: await world.index() }).toEqual({
      code: 0,
      index: expect.objectContaining({ revision: 1 }) as unknown,
    });
  });

  it('is reached by people who sign one after the other, one of them offline', async () => {
    await using world = await createCliWorld({ threshold: 2 });
    const build = await world.build('1.0.0');
    const file = world.path('release.json');
    const finish = world.publishArgs(build, '--signed', file).filter((word) => word !== build);
    await world.run(...world.publishArgs(build, '--prepare', file));
    const early = await world.run(...finish);
    const signed = await world.run('sign', file, '--key', world.path('b.pem'), '--yes');
    const finished = await world.run(...finish);
    const again = await world.run(...finish);
    expect([failure(early), signed.code, finished.code, again.code, await world.index()]).toMatchObject([
      { code: 'PUBLISH_KEY' },
      0,
      0,
      0,
      { revision: 1, releases: [{ version: '1.0.0' }] },
    ]);
    expect(signed.stdout).toContain(artifact);
  });

  it('refuses a prepared index if another one has been published since', async () => {
    await using world = await createCliWorld();
    const build = await world.build('1.0.0');
    const file = world.path('release.json');
    await world.run(...world.publishArgs(build, '--prepare', file));
    await world.run(...world.publishArgs(await world.build('1.1.0')));
    await world.run(...world.publishArgs(await world.build('1.2.0')));
    const late = await world.run(...world.publishArgs(build, '--signed', file).filter((word) => word !== build));
    expect(failure(late)).toEqual({ exit: 1, code: 'PUBLISH_CONFLICT' });
  });
});

describe('wrong use', () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld();
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it.each<[string, readonly string[]]>([
    ['no command', []],
    ['an unknown command', ['pulbish']],
    ['an unknown option', ['publish', '--nonsense']],
    ['nothing to publish', ['publish', '--json']],
    ['two things at once', ['publish', 'dir', '--withdraw', '1.0.0']],
    ['a share that is none', ['publish', 'dir', '--rollout', '120']],
    ['no content directory', ['publish', 'dir']],
    [
      'a header that is none',
      ['publish', 'dir', '--content', 'c', '--header', 'nonsense', '--api', 'https://a.example'],
    ],
    [
      'a root that nobody confirmed',
      [
        'init',
        '--root',
        'update/root.json',
        '--app',
        app,
        '--metadata-url',
        'https://a.example',
        '--targets-url',
        'https://a.example',
        '--no-publisher-keys',
      ],
    ],
  ])('ends with exit code 2: %s', async (_what, args) => {
    expect((await world.run(...args)).code).toBe(2);
  });
});
