// @module-tag slow
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { publishBuild } from '../../src/publish/workflow/publish-build.ts';
import type { ReleaseIndex } from '../../src/shared/release-index.ts';
import { app, type CliWorld, createCliWorld, jsonOf } from './cli-world.ts';
import { machineOf } from './machines.ts';

/** Removes the file of the newest release index from the content server. */
async function loseIndex(world: CliWorld): Promise<void> {
  const directory = join(world.repository.contentDirectory, app, 'channels/stable');
  const { sha256 = '' } = (await world.target('channels/stable/linux-x64.json'))?.hashes ?? {};
  await rm(join(directory, `${sha256}.linux-x64.json`));
}

describe('a content directory that is not served', () => {
  it('stops the publication before anything is signed, and the right directory finishes it', async () => {
    await using world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const before = await world.index();
    const args = world.publishArgs(await world.build('1.1.0'), '--timeout', '2');
    const elsewhere = args.map((word) =>
      word.startsWith('--content=') ? `--content=${world.path('elsewhere')}` : word,
    );
    const wrong = await world.run(...elsewhere);
    const between = {
      index: await world.index(),
      listed: await world.target('releases/1.1.0/Notes-1.1.0-linux-x86_64.AppImage'),
    };
    const right = await world.run(...args);
    expect({
      wrong: [wrong.code, jsonOf(wrong)],
      between,
      right: right.code,
      index: await world.index(),
    }).toMatchObject({
      wrong: [1, { error: { code: 'PUBLISH_NOT_SERVED' } }],
      between: { index: before, listed: undefined },
      right: 0,
      index: { revision: 2, releases: [{ version: '1.1.0' }, { version: '1.0.0' }] },
    });
  });

  it('holds back an index, too, and the same command finishes after the directory is copied by hand', async () => {
    await using world = await createCliWorld();
    const withdraw = (content: string): readonly string[] => [
      'publish',
      '--withdraw=1.0.0',
      ...world
        .publishArgs('')
        .slice(2)
        .map((word) => (word.startsWith('--content=') ? `--content=${content}` : word)),
      '--timeout=2',
    ];
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const early = await world.run(...withdraw(world.path('staging')));
    const late = await world.run(...withdraw(world.repository.contentDirectory));
    expect({ early: jsonOf(early), late: late.code, index: await world.index() }).toMatchObject({
      early: { error: { code: 'PUBLISH_NOT_SERVED' } },
      late: 0,
      index: { revision: 2, releases: [{ version: '1.0.0', withdrawn: true }] },
    });
  });
});

describe('the file of the newest release index', () => {
  it('is lost, and the same command restores it', async () => {
    await using world = await createCliWorld();
    const args = world.publishArgs(await world.build('1.0.0'));
    await world.run(...args);
    await loseIndex(world);
    const lost = await world.index();
    const again = await world.run(...args);
    expect({ lost, again: [again.code, jsonOf(again)], index: await world.index() }).toMatchObject({
      lost: 'TRUST_FILE_MISSING',
      again: [0, { indexes: [{ revision: 1, changed: false }] }],
      index: { revision: 1 },
    });
  });

  it('is lost, and a machine that has seen an older one continues from that and says what may be missing', async () => {
    await using world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const other = { ...(await machineOf(world, 1)), directory: await world.build('1.1.0'), policy: {} };
    await publishBuild(other);
    await loseIndex(world);
    const next = await world.run(...world.publishArgs(await world.build('1.2.0')));
    const without = (await world.index()) as ReleaseIndex;
    await publishBuild(other);
    const whole = (await world.index()) as ReleaseIndex;
    expect({
      code: next.code,
      stderr: next.stderr,
      without: [without.revision, without.releases.map(({ version }) => version)],
      whole: whole.releases.map(({ version }) => version),
    }).toEqual({
      code: 0,
      stderr: expect.stringContaining(
        'Continuing from revision 1, the last one this machine saw. If another machine has published since, publish that again.',
      ) as string,
      without: [3, ['1.2.0', '1.0.0']],
      whole: ['1.2.0', '1.1.0', '1.0.0'],
    });
  });

  it('is lost, and a machine that has seen none names the command that helps', async () => {
    await using world = await createCliWorld();
    await publishBuild({ ...(await machineOf(world, 1)), directory: await world.build('1.0.0'), policy: {} });
    await loseIndex(world);
    const next = await world.run(...world.publishArgs(await world.build('1.1.0')));
    expect({
      code: next.code,
      error: jsonOf(next),
      files: await readdir(join(world.repository.contentDirectory, app, 'releases')),
    }).toMatchObject({
      code: 1,
      error: { error: { code: 'TRUST_FILE_MISSING', message: expect.stringContaining('publish --restore') as string } },
      files: ['1.0.0'],
    });
  });
});
