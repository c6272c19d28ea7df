import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { createIdentityVerifier, type IdentityVerifier } from '../../src/main/trust/sigstore/identity-verifier.ts';
import { refreshMetadata } from '../../src/main/trust/tuf/workflow/refresh.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { type AnyKey, anyKey, type Draft, plainPlan, type RepositoryPlan, writePlan } from '../support/signed-world.ts';
import { createSigstoreWorld, type SigstoreSigner } from '../support/sigstore-world.ts';
import { coded } from '../support/world.ts';

const world = await createSigstoreWorld();
const issuer = 'https://accounts.example.org';
const ann = world.signer('https://people.example.org/ann', issuer);
const bob = world.signer('https://people.example.org/bob', issuer);
const [ed, ec, rsa] = [anyKey('ed25519'), anyKey('ecdsa'), anyKey('rsa')];

const verifierOf = (trustedRoot: Uint8Array | undefined): IdentityVerifier =>
  createIdentityVerifier(() => Promise.resolve(trustedRoot), createRecordingLogger());
const identities = verifierOf(world.trustedRoot);

function who({ json }: SigstoreSigner): { readonly identity: string; readonly issuer: string } {
  return json['keyval'] as { identity: string; issuer: string };
}

describe('a signature of a Sigstore identity', async () => {
  const message = Buffer.from('{"signed":"this"}');
  const good = await ann.signWithBundle(message);

  it('counts, with its signature in base64 or in hex', async () => {
    const hex = { ...good, sig: Buffer.from(good.sig, 'base64').toString('hex') };
    const verified = await Promise.all([good, hex].map((one) => identities.isSignedBy(who(ann), one, message)));
    expect(verified).toEqual([true, true]);
  });

  it.each([
    ['another identity', { ...who(ann), identity: who(bob).identity }],
    ['an identity that begins alike', { ...who(ann), identity: who(ann).identity.slice(0, -1) }],
    ['a pattern that matches the identity', { ...who(ann), identity: 'https://people.example.org/...' }],
    ['another issuer', { ...who(ann), issuer: 'https://accounts.example.com' }],
    ['no issuer', { ...who(ann), issuer: '' }],
  ])('does not count for %s', async (_whom, other) => {
    expect(await identities.isSignedBy(other, good, message)).toBe(false);
  });

  it('does not count for other bytes, without a bundle, or if its signature is not that of the bundle', async () => {
    const other = await bob.signWithBundle(message);
    expect([
      await identities.isSignedBy(who(ann), good, Buffer.from('{"signed":"that"}')),
      await identities.isSignedBy(who(ann), { sig: good.sig, bundle: undefined }, message),
      await identities.isSignedBy(who(ann), { sig: other.sig, bundle: good.bundle }, message),
    ]).toEqual([false, false, false]);
  });

  it('does not count if any value of its bundle is changed, or any member is missing', async () => {
    const accepted = [];
    for (const path of leavesOf(good.bundle)) {
      const changed = structuredClone(good.bundle);
      edit(changed, path, mutated);
      const missing = structuredClone(good.bundle);
      edit(missing, path, () => undefined);
      for (const [what, bundle] of Object.entries({ changed, missing })) {
        if (await identities.isSignedBy(who(ann), { sig: good.sig, bundle }, message))
          accepted.push(`${path.join('.')} ${what}`);
      }
    }
    // Zero may be left out: that is how protobuf writes it.
    expect(accepted).toEqual(['verificationMaterial.tlogEntries.0.inclusionProof.logIndex missing']);
  });

  it('does not count if the log vouches for another certificate', async () => {
    let otherCertificate = '';
    await bob.signWithBundle(message, ({ signature }) => {
      otherCertificate = signature.publicKey.content;
    });
    const spoilt = await ann.signWithBundle(message, ({ signature }) => {
      signature.publicKey.content = otherCertificate;
    });
    expect([otherCertificate.length > 0, await identities.isSignedBy(who(ann), spoilt, message)]).toEqual([
      true,
      false,
    ]);
  });

  it('does not count if log and bundle agree on the digest of other bytes', async () => {
    const digest = createHash('sha256').update('other bytes').digest();
    const spoilt = await ann.signWithBundle(message, ({ data }) => {
      data.hash.value = digest.toString('hex');
    });
    edit(spoilt.bundle, ['messageSignature', 'messageDigest', 'digest'], () => digest.toString('base64'));
    expect(await identities.isSignedBy(who(ann), spoilt, message)).toBe(false);
  });

  it.each([
    ['by another Fulcio and other logs', await createSigstoreWorld()],
    ['with a certificate that no certificate log has', await createSigstoreWorld({ sct: false })],
    ['logged after its certificate expired', await createSigstoreWorld({ logClock: new Date(Date.now() + 3_600_000) })],
    [
      'logged before its certificate was valid',
      await createSigstoreWorld({ logClock: new Date(Date.now() - 3_600_000) }),
    ],
  ])('%s does not count', async (what, elsewhere) => {
    const signed = await elsewhere.signer(who(ann).identity, issuer).signWithBundle(message);
    const trusting = what.startsWith('by another') ? identities : verifierOf(elsewhere.trustedRoot);
    expect(await trusting.isSignedBy(who(ann), signed, message)).toBe(false);
  });

  it.each([
    [
      'two log entries',
      (bundle: Draft) =>
        edit(bundle, ['verificationMaterial', 'tlogEntries'], (list) => [...(list as []), ...(list as [])]),
    ],
    [
      'a proof of 65 hashes',
      (bundle: Draft) => edit(bundle, [...proof, 'hashes'], () => Array.from({ length: 65 }, () => 'ab'.repeat(22))),
    ],
    [
      'a certificate of 9 kB',
      (bundle: Draft) => edit(bundle, ['verificationMaterial', 'certificate', 'rawBytes'], () => 'A'.repeat(12_000)),
    ],
    [
      'a log entry of 65 kB',
      (bundle: Draft) => edit(bundle, [...proof.slice(0, -1), 'canonicalizedBody'], () => 'A'.repeat(88_000)),
    ],
    [
      'a regular expression for a name',
      (bundle: Draft) =>
        edit(bundle, [...proof, 'checkpoint', 'envelope'], (text) =>
          String(text).replace('\u2014 rekor', '\u2014 (a+)+rekor'),
        ),
    ],
  ])('with %s is refused before anything is decoded', async (_what, spoil) => {
    const bundle = structuredClone(good.bundle);
    spoil(bundle);
    let reads = 0;
    const counting = createIdentityVerifier(async () => ((reads += 1), world.trustedRoot), createRecordingLogger());
    expect([await counting.isSignedBy(who(ann), { sig: good.sig, bundle }, message), reads]).toEqual([false, 0]);
  });

  it.each([
    ['no trusted root', undefined],
    ['a trusted root that is not JSON', Buffer.from('x')],
    ['a trusted root of more than 256 KiB', Buffer.alloc(300_000, ' ')],
  ])('does not count with %s, and the log says what to do', async (_what, bytes) => {
    const logger = createRecordingLogger();
    const verifier = createIdentityVerifier(() => Promise.resolve(bytes), logger);
    const counted = [
      await verifier.isSignedBy(who(ann), good, message),
      await verifier.isSignedBy(who(ann), good, message),
    ];
    expect([counted, logger.lines]).toEqual([[false, false], [expect.stringMatching(/^warn: .*trusted_root\.json/)]]);
  });
});

describe('a repository with Sigstore identities among its keys', () => {
  it('is followed from ed25519 to an identity and back', async () => {
    const files = await chain([[ed], [ann], [bob], [ed]]);
    expect(await walk(files)).toBe(4);
  });

  it('stops at the identity without a trusted root', async () => {
    expect(await walk(await chain([[ed], [ann]]), verifierOf(undefined))).toBe('TRUST_UNSIGNED');
  });

  it('is refused if the next root is not signed by the identity before', async () => {
    const files = await chain([[ann], [bob]]);
    const next = JSON.parse(String(files.get('2.root.json'))) as { signatures: Draft[] };
    next.signatures = next.signatures.filter(({ keyid }) => keyid !== ann.keyid);
    files.set('2.root.json', Buffer.from(JSON.stringify(next)));
    expect(await walk(files)).toBe('TRUST_UNSIGNED');
  });

  it.each([
    ['ed25519, ECDSA, RSA and an identity, all four', [ed, ec, rsa, ann], 4, [ed, ec, rsa, ann], 1],
    ['two of three, one an identity', [ed, ec, ann], 2, [ed, ann], 1],
    ['two identities', [ann, bob], 2, [ann, bob], 1],
    ['one identity of two', [ann, bob], 2, [ann], 'TRUST_ROOT_INVALID'],
    ['one key and no identity of two', [ed, ann], 2, [ed], 'TRUST_ROOT_INVALID'],
  ] as const)('with a threshold over %s', async (_what, keys, threshold, signers, expected) => {
    const ids = signers.map(({ keyid }) => keyid);
    const resign = (all: Draft[]): Draft[] => all.filter((one) => ids.includes(String(one['keyid'])));
    const files = await world.seal(
      writePlan({ ...plan(1, keys), thresholds: { ...ones, root: threshold }, plans: { root: { resign } } }),
      [ann, bob],
    );
    expect(await walk(files)).toBe(expected);
  });

  it('counts an identity once that is listed under two key ids', async () => {
    const twin: SigstoreSigner = { ...ann, keyid: 'e'.repeat(64), json: { ...ann.json, note: 'the same' } };
    const one = await world.seal(writePlan(plan(1, [ann, twin])), [ann, twin]);
    const two = await world.seal(writePlan({ ...plan(1, [ann, twin]), thresholds: { ...ones, root: 2 } }), [ann, twin]);
    expect([await walk(one), await walk(two)]).toEqual([1, 'TRUST_ROOT_INVALID']);
  });

  it('needs no trusted root where other keys reach the threshold', async () => {
    let reads = 0;
    const counting = createIdentityVerifier(async () => ((reads += 1), world.trustedRoot), createRecordingLogger());
    expect([await walk(await world.seal(writePlan(plan(1, [ann, ed])), [ann]), counting), reads]).toEqual([1, 0]);
  });
});

const ones = { root: 1, timestamp: 1, snapshot: 1, targets: 1, a: 1, b: 1 };
const proof = ['verificationMaterial', 'tlogEntries', '0', 'inclusionProof'];

function plan(rootVersion: number, rootKeys: readonly AnyKey[], oldRootKeys: readonly AnyKey[] = []): RepositoryPlan {
  const plain = plainPlan([ed]);
  return { ...plain, rootVersion, keys: { ...plain.keys, root: rootKeys }, oldRootKeys };
}

/** A repository with one root for each set of root keys. */
async function chain(sets: readonly (readonly AnyKey[])[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [at, keys] of sets.entries()) {
    for (const [name, bytes] of await world.seal(writePlan(plan(at + 1, keys, sets[at - 1])), [ann, bob]))
      files.set(name, bytes);
  }
  return files;
}

/** @returns the version of the root to which the files lead, or a code */
function walk(files: ReadonlyMap<string, Uint8Array>, verifier = identities): Promise<unknown> {
  const cache = { read: () => Promise.resolve([]), save: () => Promise.resolve() };
  const anchor = files.get('1.root.json') ?? Buffer.alloc(0);
  const fetch = (name: string): Promise<Uint8Array | undefined> => Promise.resolve(files.get(name));
  return coded(
    async () => (await refreshMetadata({ anchor, identities: verifier, cache, now: Date.now(), fetch })).root.version,
  );
}

/** The paths of all values in a document that are no objects. */
function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

function edit(document: Draft, path: readonly string[], change: (value: unknown) => unknown): void {
  const owner = path.slice(0, -1).reduce<Draft>((at, name) => at[name] as Draft, document);
  const last = path.at(-1) ?? '';
  const value = change(owner[last]);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
}

/** Another value of the same form: another number, another byte in base64, another letter. */
function mutated(value: unknown): unknown {
  const text = String(value);
  if (/^\d+$/.test(text)) return String(Number(text) + 1);
  const at = Math.floor(text.length / 2);
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
