// @module-tag slow
import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { addTargets, removeTargets, storeContent } from '../../src/repository/index.ts';
import { sealIndex, publisherKey } from '../support/publisher.ts';
import { indexOf, releaseOf } from '../support/release-index.ts';
import { app, type CliResult, type CliWorld, createCliWorld, jsonOf } from './cli-world.ts';

const path = `${app}/channels/stable/linux-x64.json`;

/** `publish --restore`, without any publisher key. */
async function restore(world: CliWorld): Promise<CliResult> {
  const { repository } = world;
  return world.run(
    'publish',
    '--restore',
    `--update=${world.path('update')}`,
    `--api=${repository.apiUrl}`,
    `--content=${repository.contentDirectory}`,
    '--json',
  );
}

describe('electron-tuf publish --restore', () => {
  it.each<[string, (world: CliWorld) => Promise<unknown>]>([
    [
      'was replaced by one of a thief of the online key',
      async ({ repository: { store } }) => {
        const forged = sealIndex(indexOf([releaseOf('9.0.0')], { revision: 9 }), [publisherKey()]);
        await addTargets(store, [await storeContent(store, path, forged)]);
      },
    ],
    ['was removed', async ({ repository: { store } }) => removeTargets(store, [path])],
  ])('puts back an index that %s, and publishing goes on', async (_what, attack) => {
    await using world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const before = await world.index();
    await attack(world);
    const during = await world.index();
    const refused = await world.run(...world.publishArgs(await world.build('1.1.0')));
    const restored = await restore(world);
    const after = await world.index();
    const next = await world.run(...world.publishArgs(await world.build('1.1.0')));
    expect({ exit: refused.code, stderr: refused.stderr }).toEqual({
      exit: 1,
      stderr: expect.stringContaining('--restore') as string,
    });
    expect({ during: typeof during, restored: jsonOf(restored), after, next: next.code }).toEqual({
      during: 'string',
      restored: { restored: 1, indexes: [expect.objectContaining({ path, revision: 1, changed: true })] },
      after: before,
      next: 0,
    });
    expect(await world.index()).toMatchObject({ revision: 2, releases: [{ version: '1.1.0' }, { version: '1.0.0' }] });
  });

  it('changes nothing if nothing is lost, and fails on a machine that has seen no index', async () => {
    await using world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const idle = await restore(world);
    await rm(world.path('state'), { recursive: true });
    const forgetful = await restore(world);
    expect([jsonOf(idle), forgetful.code, jsonOf(forgetful)]).toMatchObject([
      { restored: 0, indexes: [{ changed: false }] },
      1,
      { error: { code: 'PUBLISH_INPUT' } },
    ]);
  });
});
