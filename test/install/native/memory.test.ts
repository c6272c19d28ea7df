import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { keySetOf, publisherKey } from '../../support/publisher.ts';
import { requires, requiresRoot } from '../../support/requires.ts';
import { attempt } from './attempt.ts';
import { programsOf } from './packages.ts';
import { turnMs } from './turns.ts';
import { createNativeWorld, type NativeWorld, placeRuntime } from './world.ts';

/** What is signed, but not by enough, or not any more. */
describe.skipIf(!requiresRoot() || !requires(...programsOf.pacman))('the root side', () => {
  let runtime: Awaited<ReturnType<typeof placeRuntime>>;
  let world: NativeWorld;

  beforeAll(async () => {
    runtime = await placeRuntime();
    world = await createNativeWorld('pacman', runtime.path);
  }, turnMs);
  afterAll(async () => {
    await world?.close();
    await runtime?.remove();
  });

  it('goes neither down nor back: an older release, a withdrawn one, an index from before', async () => {
    await world.release('1.2.0');
    const before = await world.stage('1.2.0');
    await world.release('0.9.0');
    const older = await world.stage('0.9.0');
    const down = await attempt(world, [older.handOver]);
    await world.release('1.2.0', { change: { withdrawn: true } });
    const after = await world.stage('1.2.0');
    const withdrawn = await attempt(world, [after.handOver]);
    // Root has seen that it was withdrawn; the index in which it was not is history.
    const replayed = await attempt(world, [before.handOver]);
    const codes = [down, withdrawn, replayed].map(({ code }) => code);
    expect([codes, replayed.installed]).toEqual([
      ['INSTALL_DOWNGRADE', 'INSTALL_VERIFY', 'TRUST_PUBLISHER_ROLLBACK'],
      '1.0.0',
    ]);
  });

  it('asks for the threshold of publisher keys, whatever the online key signs', async () => {
    await world.release('1.3.0', { keys: [world.keys[0]] });
    const one = await world.stage('1.3.0', { publisher: 'none' });
    await world.release('1.3.0', { keys: [publisherKey(), publisherKey()] });
    const others = await world.stage('1.3.0', { publisher: 'none' });
    expect([await attempt(world, [one.handOver]), await attempt(world, [others.handOver])]).toEqual([
      { code: 'TRUST_PUBLISHER_UNSIGNED', installed: '1.0.0' },
      { code: 'TRUST_PUBLISHER_UNSIGNED', installed: '1.0.0' },
    ]);
  });

  it('remembers publisher keys that took over, whatever is handed over later', async () => {
    const next = [publisherKey(), publisherKey()];
    const publisher = keySetOf(next, 2, 2);
    await world.release('1.4.0', { keys: [...world.keys, ...next], index: { publisher } });
    const handover = await world.stage('1.4.0');
    const adopted = await attempt(world, [handover.handOver]);
    await world.release('1.5.0', { keys: world.keys });
    const old = await world.stage('1.5.0', { publisher: 'none' });
    const replaced = await attempt(world, [old.handOver]);
    await world.release('1.6.0', { keys: next });
    const fresh = await world.stage('1.6.0', { publisher });
    expect([adopted.code, replaced, await attempt(world, [fresh.handOver])]).toEqual([
      'installed',
      { code: 'TRUST_PUBLISHER_UNSIGNED', installed: '1.4.0' },
      { code: 'installed', installed: '1.6.0' },
    ]);
  });
});
