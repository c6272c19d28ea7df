import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { silentLogger } from '../../src/main/node/logger.ts';
import type { DeltaChunks, ReleaseDelta } from '../../src/main/ports.ts';
import type { TufClient } from '../../src/main/trust/contract.ts';
import { findDelta } from '../../src/main/trust/find-delta.ts';
import type { Artifact } from '../../src/shared/release-index.ts';
import { sealIndex } from '../support/publisher.ts';
import { app, indexOf, releaseOf } from '../support/release-index.ts';
import { trustedTarget } from '../support/trusted-target.ts';
import type { TargetFile } from '../support/tuf-writer.ts';
import { artifact, indexPath, inWorld, query } from '../support/world.ts';

const signed = artifact('1.1.0');
const path = signed.entry.path;
const owner = { app, version: '1.1.0', platform: 'linux', kind: 'appimage' };
const base = { length: 20, sha256: 'ab'.repeat(32) };

function file(name: string, custom: object): TargetFile {
  return { path: `${path}.${name}`, bytes: Buffer.from(`the ${name}`), custom: { ...owner, ...custom } };
}
const chunks = file('chunks', { role: 'chunks' });
const patch = file('from-1.0.0.patch', { role: 'patch', from: '1.0.0', base });

const entryOf = ({ path, bytes }: TargetFile): { path: string; length: number; sha256: string } => ({
  path,
  length: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
const valid: Artifact = {
  ...signed.entry,
  chunks: entryOf(chunks),
  pack: `${path}.pack`,
  patches: [{ from: '1.0.0', ...entryOf(patch) }],
};

/** The delta that the trust module finds for an artifact. */
async function found(entry: Artifact, files: readonly TargetFile[], installed?: string): Promise<string> {
  let delta: ReleaseDelta | undefined;
  let chunks: DeltaChunks | undefined;
  await inWorld(async ({ writer, keys, install }) => {
    const index = indexOf([releaseOf('1.1.0', { artifacts: [entry] })]);
    await writer.publish(signed.file, ...files, { path: indexPath, bytes: sealIndex(index, keys) });
    const { trust } = await install();
    const [release] = (await trust.releaseIndex(query)).releases;
    if (release === undefined) throw new Error('no release');
    ({ delta } = await trust.artifact(query, release, entry, installed === undefined ? {} : { installed }));
    chunks = await delta?.chunks?.find();
  });
  return [chunks && 'chunks', ...(delta?.patches ?? []).map(({ from }) => `patch from ${from}`)]
    .filter(Boolean)
    .join(', ');
}

describe('the delta of a release', () => {
  it('is the chunk index, and the patch from the installed version', async () => {
    expect({
      installedIsBase: await found(valid, [chunks, patch], '1.0.0'),
      installedIsOlder: await found(valid, [chunks, patch], '0.9.0'),
      nothingInstalled: await found(valid, [chunks, patch]),
      notListed: await found(signed.entry, [chunks, patch], '1.0.0'),
    }).toEqual({
      installedIsBase: 'chunks, patch from 1.0.0',
      installedIsOlder: 'chunks',
      nothingInstalled: 'chunks',
      notListed: '',
    });
  });

  it.each([
    ['is not in the metadata', [chunks], valid],
    ['has other bytes there', [chunks, { ...patch, bytes: Buffer.from('other') }], valid],
    ['is of another app', [chunks, { ...patch, custom: { ...patch.custom, app: 'org.example.other' } }], valid],
    ['is of another version', [chunks, { ...patch, custom: { ...patch.custom, version: '1.2.0' } }], valid],
    ['starts elsewhere', [chunks, { ...patch, custom: { ...patch.custom, from: '0.9.0' } }], valid],
    ['names no base', [chunks, { ...patch, custom: { ...owner, role: 'patch', from: '1.0.0' } }], valid],
    ['is something else', [chunks, { ...patch, custom: { ...patch.custom, role: 'chunks' } }], valid],
    [
      'is listed under another path',
      [chunks, patch],
      { ...valid, patches: [{ from: '1.0.0', ...entryOf(patch), path: chunks.path }] },
    ],
  ])('leaves a patch out that %s', async (_what, files, entry) => {
    expect(await found(entry, files, '1.0.0')).toBe('chunks');
  });

  it('ignores a chunk index on which metadata and index disagree, and a pack in another directory than the artifact', async () => {
    const wrong = { ...chunks, custom: { ...chunks.custom, kind: 'deb' } };
    expect([
      await found(valid, [wrong, patch], '1.0.0'),
      await found({ ...valid, pack: `${app}/releases/1.0.0/x.pack` }, [chunks, patch], '1.0.0'),
    ]).toEqual(['patch from 1.0.0', 'patch from 1.0.0']);
  });
});

describe('the chunk index of a release with a patch', () => {
  /** The recorded lookups of targets. `fails` replaces the response. */
  async function lookUps(fails?: () => Promise<never>): Promise<{
    readonly delta: ReleaseDelta | undefined;
    readonly asked: readonly (readonly [string, ...string[]])[];
  }> {
    const asked: [string, ...string[]][] = [];
    const tuf: Pick<TufClient, 'target'> = {
      async target(wanted, options) {
        asked.push([wanted, ...Object.keys(options ?? {}).toSorted()]);
        const { bytes, custom } = [chunks, patch].find((found) => found.path === wanted) ?? chunks;
        if (wanted === chunks.path && fails !== undefined) return fails();
        return Promise.resolve({ ...trustedTarget(bytes, { path: wanted }), custom: custom ?? {} });
      },
    };
    const release = releaseOf('1.1.0', { artifacts: [valid] });
    const options = { installed: '1.0.0', patience: 'long', hurry: new AbortController().signal } as const;
    return { delta: await findDelta(tuf, { query, release, artifact: valid }, options, silentLogger), asked };
  }

  it('is not looked up before it is needed, then only once and without long retries', async () => {
    const { delta, asked } = await lookUps();
    const before = asked.map(([wanted]) => wanted);
    const [found, again] = [await delta?.chunks?.find(), await delta?.chunks?.find()];
    expect({
      askedBefore: before,
      pack: found?.pack,
      isSame: again === found,
      secondRequest: asked[1],
      requests: asked.length,
    }).toEqual({
      askedBefore: [patch.path],
      pack: valid.pack,
      isSame: true,
      secondRequest: [chunks.path, 'signal'],
      requests: 2,
    });
  });

  it('is looked up again after a failure', async () => {
    const { delta, asked } = await lookUps(async () => Promise.reject(new Error('offline')));
    expect({
      first: await delta?.chunks?.find(),
      second: await delta?.chunks?.find(),
      requests: asked.length,
    }).toEqual({
      first: undefined,
      second: undefined,
      requests: 3,
    });
  });

  it('fails with the reason of the caller that cancels', async () => {
    const { delta } = await lookUps(async () => Promise.reject(new Error('offline')));
    await expect(delta?.chunks?.find(AbortSignal.abort(new Error('no more')))).rejects.toThrow('no more');
  });
});
