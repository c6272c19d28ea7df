import { canonicalize } from '@tufjs/canonical-json';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { expect, it } from 'vitest';

import { inspectRoot } from './inspect-root.ts';

/** A root of one key, whose owner chose its label. */
function rootLabelled(label: string): Uint8Array {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const hex = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
  const keyid = createHash('sha256').update(canonicalize(key)).digest('hex');
  const role = { keyids: [keyid], threshold: 1 };
  const signed = {
    _type: 'root',
    spec_version: '1.0.31',
    version: 1,
    expires: '2030-01-01T00:00:00Z',
    consistent_snapshot: true,
    keys: { [keyid]: { ...key, 'x-rstuf-key-name': label } },
    roles: { root: role, targets: role, snapshot: role, timestamp: role },
  };
  const sig = sign(null, Buffer.from(canonicalize(signed)), privateKey).toString('hex');
  return Buffer.from(JSON.stringify({ signed, signatures: [{ keyid, sig }] }));
}

async function labelIn(root: Uint8Array): Promise<string | undefined> {
  return (await inspectRoot(root)).roles[0]?.keys[0]?.name;
}

it("shows a key's label", async () => {
  expect(await labelIn(rootLabelled("Ada's key"))).toBe("Ada's key");
});

it('shortens a label that would fill the screen with lines of its own', async () => {
  const label = `Ada${' '.repeat(200)}targets    1 of 1 key${'\n'.repeat(50)}${'x'.repeat(500)}`;
  expect(await labelIn(rootLabelled(label))).toBe(`Ada targets 1 of 1 key ${'x'.repeat(64 - 23)}…`);
});
