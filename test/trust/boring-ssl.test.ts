import type * as crypto from 'node:crypto';

import { expect, it, vi } from 'vitest';

import { verifyAnchor, verifyTargets } from '../../src/main/trust/tuf/verify/verify-metadata.ts';
import { anyKey, plainPlan, writePlan } from '../support/signed-world.ts';

/**
 * A fake of Electron's BoringSSL: it lacks BLAKE2 and SHA-3, and requires a named digest with every key except ed25519,
 * which must have none.
 */
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>();
  const digests = ['sha1', 'sha256', 'sha384', 'sha512'];
  return {
    ...real,
    createHash(name: string) {
      if (!digests.includes(name)) throw new Error(`Digest method not supported: ${name}`);
      return real.createHash(name);
    },
    verify(
      digest: string | null | undefined,
      data: Buffer,
      key: crypto.VerifyKeyObjectInput,
      ...rest: [Buffer, (error: Error | null, result: boolean) => void]
    ) {
      const isEd = key.key.asymmetricKeyType === 'ed25519';
      if (isEd ? (digest ?? null) !== null : !digests.includes(String(digest))) throw new Error('Invalid digest');
      return real.verify(digest ?? undefined, data, key, ...rest);
    },
  };
});

it.each(['ed25519', 'ecdsa', 'rsa'] as const)(
  "trap 19: %s and unknown hashes are verified with no more than Electron's BoringSSL has",
  async (kind) => {
    const files = writePlan(plainPlan([anyKey(kind)]));
    const root = await verifyAnchor(files.get('1.root.json') ?? Buffer.alloc(0));
    const bytes = files.get('1.targets.json') ?? Buffer.alloc(0);
    const { createHash } = await import('node:crypto');
    const hashes = { 'blake2b-256': 'ab', sha3_256: 'cd', sha512: createHash('sha512').update(bytes).digest('hex') };
    const meta = { version: 1, length: bytes.length, hashes };
    const targets = await verifyTargets(root, bytes, 'targets', meta, { keys: root.keys, signers: root.roles.targets });
    expect([targets.version, Object.keys(targets.targets)]).toEqual([1, ['top']]);
  },
);
