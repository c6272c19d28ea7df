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
const honest: Artifact = {
  ...signed.entry,
  chunks: entryOf(chunks),
  pack: `${path}.pack`,
  patches: [{ from: '1.0.0', ...entryOf(patch) }],
};

/** What the trust room finds beside an artifact. */
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
    expect([
      await found(honest, [chunks, patch], '1.0.0'),
      await found(honest, [chunks, patch], '0.9.0'),
      await found(honest, [chunks, patch]),
      await found(signed.entry, [chunks, patch], '1.0.0'),
    ]).toEqual(['chunks, patch from 1.0.0', 'chunks', 'chunks', '']);
  });

  it.each([
    ['is not in the metadata', [chunks], honest],
    ['has other bytes there', [chunks, { ...patch, bytes: Buffer.from('other') }], honest],
    ['is of another app', [chunks, { ...patch, custom: { ...patch.custom, app: 'org.example.other' } }], honest],
    ['is of another version', [chunks, { ...patch, custom: { ...patch.custom, version: '1.2.0' } }], honest],
    ['starts elsewhere', [chunks, { ...patch, custom: { ...patch.custom, from: '0.9.0' } }], honest],
    ['names no base', [chunks, { ...patch, custom: { ...owner, role: 'patch', from: '1.0.0' } }], honest],
    ['is something else', [chunks, { ...patch, custom: { ...patch.custom, role: 'chunks' } }], honest],
    [
      'stands under another path',
      [chunks, patch],
      { ...honest, patches: [{ from: '1.0.0', ...entryOf(patch), path: chunks.path }] },
    ],
  ])('leaves a patch out that %s', async (_what, files, entry) => {
    expect(await found(entry, files, '1.0.0')).toBe('chunks');
  });

  it('leaves a chunk index out on which both do not agree, and a pack that is not beside the artifact', async () => {
    const wrong = { ...chunks, custom: { ...chunks.custom, kind: 'deb' } };
    expect([
      await found(honest, [wrong, patch], '1.0.0'),
      await found({ ...honest, pack: `${app}/releases/1.0.0/x.pack` }, [chunks, patch], '1.0.0'),
    ]).toEqual(['patch from 1.0.0', 'patch from 1.0.0']);
  });
});

describe('the chunk index of a release with a patch', () => {
  /** What the metadata was asked for, and how; `fails` answers instead of it. */
  async function lookUps(fails?: () => Promise<never>): Promise<{
    readonly delta: ReleaseDelta | undefined;
    readonly asked: readonly (readonly [string, ...string[]])[];
  }> {
    const asked: [string, ...string[]][] = [];
    const tuf: Pick<TufClient, 'target'> = {
      async target(wanted, options) {
        asked.push([wanted, ...Object.keys(options ?? {}).toSorted()]);
        const { bytes, custom } = [chunks, patch].find((one) => one.path === wanted) ?? chunks;
        if (wanted === chunks.path && fails !== undefined) return fails();
        return Promise.resolve({ ...trustedTarget(bytes, { path: wanted }), custom: custom ?? {} });
      },
    };
    const release = releaseOf('1.1.0', { artifacts: [honest] });
    const options = { installed: '1.0.0', patience: 'long', hurry: new AbortController().signal } as const;
    return { delta: await findDelta(tuf, { query, release, artifact: honest }, options, silentLogger), asked };
  }

  it('is left alone until somebody wants it, then asked for once, and not patiently', async () => {
    const { delta, asked } = await lookUps();
    const before = asked.map(([wanted]) => wanted);
    const [one, again] = [await delta?.chunks?.find(), await delta?.chunks?.find()];
    expect([before, one?.pack, again === one, asked[1], asked.length]).toEqual([
      [patch.path],
      honest.pack,
      true,
      [chunks.path, 'signal'],
      2,
    ]);
  });

  it('is asked for again after it could not be had', async () => {
    const { delta, asked } = await lookUps(async () => Promise.reject(new Error('offline')));
    expect([await delta?.chunks?.find(), await delta?.chunks?.find(), asked.length]).toEqual([undefined, undefined, 3]);
  });

  it('leaves whoever cancels with their own reason', async () => {
    const { delta } = await lookUps(async () => Promise.reject(new Error('offline')));
    await expect(delta?.chunks?.find(AbortSignal.abort(new Error('no more')))).rejects.toThrow('no more');
  });
});
