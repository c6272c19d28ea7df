// @module-tag slow
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import type { SigningKey } from '../../src/publish/keys/key-file.ts';
import type { ReleaseIndex } from '../../src/shared/release-index.ts';
import { releaseIndexPath } from '../../src/shared/target-path.ts';
import { editEnvelope, keySetOf, openSealed, publisherKey, sealIndex } from '../support/publisher.ts';
import { closeApps, publishChannel, startApp } from '../support/managed-app.ts';
import { app, artifactOf, indexOf, releaseOf } from '../support/release-index.ts';
import { artifact, indexPath, indexWith, inWorld, query, type World } from '../support/world.ts';

afterEach(closeApps);

/**
 * The attacker holds RSTUF's online key and may call its API: everything here is perfectly valid TUF. Installations
 * have seen revision 20 (version 1.2.0) before; revision 10 (version 1.1.0) was replaced.
 */
interface Attack {
  readonly what: string;
  readonly code: string;
  readonly play: (world: World) => Promise<void>;
}

const evil = artifact('6.6.6');

/** Publishes an index of the attacker's making beside an evil artifact. */
function withIndex(what: string, code: string, make: (world: World) => Uint8Array): Attack {
  return {
    what,
    code,
    play: async (world) => world.writer.publish(evil.file, { path: indexPath, bytes: make(world) }),
  };
}

/** An index that the publisher's keys did sign: stolen keys, or a publisher's own mistake. */
function withSignedIndex(what: string, code: string, change: Record<string, unknown>): Attack {
  return withIndex(what, code, ({ keys }) => sealIndex({ ...indexWith('6.6.6', 25), ...change }, keys));
}

function withRelease(what: string, code: string, change: Record<string, unknown>): Attack {
  return withSignedIndex(what, code, { releases: [{ ...releaseOf('6.6.6'), ...change }] });
}

/** The artifact of the newest honest index is registered again, otherwise. */
function withArtifact(
  what: string,
  change: (honest: ReturnType<typeof artifact>) => Partial<ReturnType<typeof artifact>['file']>,
): Attack {
  const honest = artifact('1.2.0');
  return {
    what,
    code: 'TRUST_DISAGREE',
    play: async ({ writer }) => writer.publish({ ...honest.file, ...change(honest) }),
  };
}

const thief = publisherKey();

const attacks: readonly Attack[] = [
  withIndex('an index without signatures', 'TRUST_PUBLISHER_UNSIGNED', () => sealIndex(indexWith('6.6.6', 25), [])),
  withIndex('an index signed with its own keys', 'TRUST_PUBLISHER_UNSIGNED', () =>
    sealIndex(indexWith('6.6.6', 25), [thief, publisherKey()]),
  ),
  withIndex('an under-signed index', 'TRUST_PUBLISHER_UNSIGNED', ({ keys: [first] }) =>
    sealIndex(indexWith('6.6.6', 25), [first, thief]),
  ),
  withIndex('one signature twice', 'TRUST_PUBLISHER_UNSIGNED', ({ keys: [first] }) =>
    editEnvelope(sealIndex(indexWith('6.6.6', 25), [first]), ({ signatures: [one], ...rest }) => ({
      ...rest,
      signatures: [one, one],
    })),
  ),
  withIndex('one signature under two key ids', 'TRUST_PUBLISHER_UNSIGNED', ({ keys: [first, second] }) =>
    editEnvelope(sealIndex(indexWith('6.6.6', 25), [first]), ({ signatures: [one], ...rest }) => ({
      ...rest,
      signatures: [one, { ...one, keyid: second.publicKey.keyid }],
    })),
  ),
  withIndex('signatures of another index', 'TRUST_PUBLISHER_UNSIGNED', ({ keys }) =>
    editEnvelope(sealIndex(indexWith('6.6.6', 25), []), (envelope) => ({
      ...envelope,
      signatures: openSealed(sealIndex(indexWith('1.2.0', 20), keys)).signatures,
    })),
  ),
  withIndex('key sets of its own', 'TRUST_PUBLISHER_UNSIGNED', () =>
    sealIndex(indexWith('6.6.6', 25, { publisher: keySetOf([thief], 1, 2) }), [thief]),
  ),
  withIndex('a page instead of an index', 'TRUST_INDEX_INVALID', () => Buffer.from('<html>Log in</html>')),
  withIndex('an index of 10 MB', 'TRUST_TOO_LARGE', () => Buffer.alloc(10_000_000, ' ')),
  withIndex('an index that was replaced since', 'TRUST_PUBLISHER_ROLLBACK', ({ keys }) =>
    sealIndex(indexWith('1.1.0', 10), keys),
  ),
  withIndex('another index of the same revision', 'TRUST_PUBLISHER_ROLLBACK', ({ keys }) =>
    sealIndex(indexWith('6.6.6', 20), keys),
  ),
  withSignedIndex('the index of another channel', 'TRUST_INDEX_CONFUSED', { channel: 'beta' }),
  withSignedIndex('the index of another platform', 'TRUST_INDEX_CONFUSED', { platform: 'win32' }),
  withSignedIndex('the index of another architecture', 'TRUST_INDEX_CONFUSED', { arch: 'arm64' }),
  withSignedIndex('the index of another app', 'TRUST_INDEX_CONFUSED', { app: 'org.example.other' }),
  withSignedIndex('an index of a newer schema', 'TRUST_INDEX_SCHEMA', { schema: 2 }),
  ...['../../../tmp/evil', '6.6.6\n', 'v6.6.6', '6.6.6-%2e%2e', '99999999999999999999.0.0', '__proto__', ''].map(
    (version) => withRelease(`the version ${JSON.stringify(version)}`, 'TRUST_INDEX_INVALID', { version }),
  ),
  ...['../../evil', '/etc/passwd', `${app}/releases/6.6.6/..`, '__proto__', 'C:\\evil', 'a?b', 'a%2fb'].map((path) =>
    withRelease(`the artifact path ${path}`, 'TRUST_INDEX_INVALID', { artifacts: [artifactOf('6.6.6', { path })] }),
  ),
  ...['constructor', 'toString', 'hasOwnProperty'].map((path) =>
    withRelease(`the artifact path ${path}`, 'TRUST_TARGET_UNKNOWN', { artifacts: [artifactOf('6.6.6', { path })] }),
  ),
  withRelease('the artifact of another version', 'TRUST_DISAGREE', { artifacts: [artifact('1.1.0').entry] }),
  withArtifact('other bytes for a signed artifact', () => ({ bytes: Buffer.from('evil bytes') })),
  withArtifact('an older artifact in place of the newest', () => ({ bytes: artifact('1.1.0').file.bytes })),
  withArtifact('an artifact without custom', ({ file: { path, bytes } }) => ({ path, bytes, custom: {} })),
  ...Object.entries({
    app: 'org.example.other',
    version: '1.1.0',
    platform: 'win32',
    kind: 'deb',
    arches: ['arm64'],
  }).map(([field, value]) =>
    withArtifact(`an artifact of another ${field}`, ({ file }) => ({ custom: { ...file.custom, [field]: value } })),
  ),
  {
    what: 'no index any more',
    code: 'TRUST_PUBLISHER_ROLLBACK',
    play: async ({ writer }) => writer.remove(indexPath),
  },
  {
    what: 'no artifact',
    code: 'TRUST_TARGET_UNKNOWN',
    play: async ({ writer }) => writer.remove(artifact('1.2.0').file.path),
  },
];

describe('a thief of the online key who publishes', () => {
  it.each(attacks)('$what is refused: $code', async ({ play, code }) => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      await world.release('1.2.0');
      const old = await world.install();
      const before = await old.update();
      await play(world);
      const fresh = code === 'TRUST_PUBLISHER_ROLLBACK' ? undefined : await world.install();
      const attacked = [await old.update(), (await fresh?.update()) ?? code];
      const outside = [...(await old.outside()), ...((await fresh?.outside()) ?? [])];
      await world.release('1.3.0');
      const healed = [await old.update(), (await fresh?.update()) ?? '1.3.0'];
      expect({ before, attacked, outside, healed }).toEqual({
        before: '1.2.0',
        attacked: [code, code],
        outside: [],
        healed: ['1.3.0', '1.3.0'],
      });
    });
  });

  it('what the publisher did not sign reaches only apps that asked for no signatures', async () => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      const guarded = await world.install();
      const unguarded = await world.install({ publisher: 'none' });
      await world.writer.publish(evil.file, { path: indexPath, bytes: sealIndex(indexWith('6.6.6', 25), []) });
      expect([await guarded.update(), await unguarded.update()]).toEqual(['TRUST_PUBLISHER_UNSIGNED', '6.6.6']);
    });
  });

  it('unknown fields in a signed index changes nothing', async () => {
    await inWorld(async (world) => {
      await world.release('1.1.0');
      const index = { ...indexWith('1.1.0', 20), colour: 'green', publishers: [thief.publicKey] };
      await world.writer.publish({ path: indexPath, bytes: sealIndex(index, world.keys) });
      expect(await (await world.install()).update()).toBe('1.1.0');
    });
  });

  it('brings nothing back to a build whose root was not seen before: neither an old index nor replaced keys', async () => {
    await inWorld(async (world) => {
      const { writer, keys } = world;
      const next = [publisherKey(), publisherKey()];
      const publish = async (index: ReleaseIndex, signers: readonly SigningKey[]): Promise<void> =>
        writer.publish({ path: indexPath, bytes: sealIndex(index, signers) });
      await world.release('1.1.0');
      await world.release('1.2.0');
      const before = await world.install();
      const publisher = keySetOf(next, 2, 2);
      await publish(indexWith('1.2.0', 30, { publisher }), [...keys, ...next]);
      const seen = await before.update();
      await writer.rotate();
      const anchor = await readFile(join(writer.metadata, '2.root.json'));
      const after = await world.install({ home: before.home, anchor });
      await publish(indexWith('1.1.0', 40), keys);
      const replacedKeys = await after.update();
      await publish(indexWith('1.1.0', 10), next);
      const oldIndex = await after.update();
      await publish(indexWith('1.2.0', 50), next);
      expect({ seen, replacedKeys, oldIndex, healed: await after.update() }).toEqual({
        seen: '1.2.0',
        replacedKeys: 'TRUST_PUBLISHER_UNSIGNED',
        oldIndex: 'TRUST_PUBLISHER_ROLLBACK',
        healed: '1.2.0',
      });
    });
  });

  it('takes an index away, so that the old one of another architecture brings a withdrawn release back', async () => {
    await inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.2.0' }], { revision: 3, arch: 'universal' });
      await publishChannel(world, [{ version: '1.2.1', withdrawn: true }], { revision: 41 });
      const old = artifact('1.2.1', undefined, 'appimage', ['universal']);
      const universal = { ...query, target: { platform: 'linux', arch: 'universal' } } as const;
      const index = indexOf([releaseOf('1.2.1', { artifacts: [old.entry] })], { revision: 4, arch: 'universal' });
      await world.writer.publish(old.file, {
        path: releaseIndexPath(app, query.channel, universal.target),
        bytes: sealIndex(index, world.keys),
      });
      const { updater } = await startApp(world, { version: '1.2.0' });
      const before = await updater.check();
      await world.writer.remove(indexPath);
      const attacked = await updater.check();
      expect([before, attacked]).toMatchObject([
        { type: 'idle' },
        { type: 'idle', lastError: { code: 'TRUST_PUBLISHER_ROLLBACK' } },
      ]);
    });
  });
});
