import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

import { createIdentityVerifier } from '../src/main/trust/sigstore/identity-verifier.ts';
import { silentLogger } from '../src/main/node/logger.ts';
import { createSigstoreWorld } from '../test/support/sigstore-world.ts';
import type { Draft } from '../test/support/signed-world.ts';
import { type Bench, type BenchRow, compare, inTurn, type Measures } from './frame.ts';

/** Signatures of Sigstore identities: good ones, one once more, and ones that were designed to cost time. */
export const bench: Bench = {
  about: 'signatures of Sigstore identities, ours against plain @sigstore/verify',
  async run(report) {
    const rows: BenchRow[] = [];
    for (const one of (await cases()).filter(({ title }) => report.wants(title))) {
      const contenders = [
        { name: 'ours', run: () => timed(one.count, one.ours) },
        { name: '@sigstore/verify', run: () => timed(one.count, one.plain) },
      ];
      rows.push(...compare(one.title, await inTurn(contenders, report)));
    }
    return rows;
  },
};

interface Case {
  readonly title: string;
  /** Calls of one measurement. */
  readonly count: number;
  readonly ours: () => Promise<unknown>;
  readonly plain: () => Promise<unknown>;
}

async function cases(): Promise<readonly Case[]> {
  const world = await createSigstoreWorld();
  const who = { identity: 'https://people.example.org/ann', issuer: 'https://accounts.example.org' };
  const message = Buffer.from('{"signed":"this"}');
  const good = await world.signer(who.identity, who.issuer).signWithBundle(message);
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(String(world.trustedRoot)))));
  const fresh = () => createIdentityVerifier(() => Promise.resolve(world.trustedRoot), silentLogger);
  const loaded = fresh();
  const ours = async (bundle: Draft, identities = fresh()): Promise<boolean> =>
    identities.isSignedBy(who, { sig: good.sig, bundle }, message);
  const plain = async (bundle: Draft): Promise<void> => {
    try {
      verifier.verify(toSignedEntity(bundleFromJSON(bundle), message));
    } catch (error) {
      if (bundle === good.bundle) throw error;
    }
  };
  const both = (title: string, count: number, bundle: Draft): Case => ({
    title,
    count,
    ours: () => ours(bundle),
    plain: () => plain(bundle),
  });
  return [
    both('a signature', 20, good.bundle),
    {
      title: 'the same signature again',
      count: 20,
      ours: () => ours(good.bundle, loaded),
      plain: () => plain(good.bundle),
    },
    ...Object.entries(hostile(good.bundle)).map(([title, bundle]) => both(`hostile: ${title}`, 5, bundle)),
  ];
}

/** As large as the limits allow, and good as far as its maker can: all of it may be copied from a good one. */
function hostile(bundle: Draft): Readonly<Record<string, Draft>> {
  const nested = (bytes: number): string => nestedAsn1(bytes).toString('base64');
  return {
    'a certificate of 8 kB, nested': changed(bundle, ['certificate', 'rawBytes'], () => nested(8_000)),
    'four time stamps of 8 kB, nested': changed(bundle, ['timestampVerificationData'], () => ({
      rfc3161Timestamps: Array.from({ length: 4 }, () => ({ signedTimestamp: nested(8_000) })),
    })),
    'many signatures of a checkpoint': changed(bundle, [...proof, 'checkpoint', 'envelope'], (text) => {
      const [note = '', line = ''] = String(text).split('\n\n');
      const [dash = '', name = '', signature = ''] = line.trim().split(' ');
      const wrong = `${signature.slice(0, 20)}AAAA${signature.slice(24)}`;
      const lines = Array.from({ length: Math.floor(3_500 / line.length) }, () => `${dash} ${name} ${wrong}\n`);
      return `${note}\n\n${lines.join('')}`;
    }),
    'a log entry of 60 kB': changed(bundle, ['tlogEntries', '0', 'canonicalizedBody'], () => 'W1tb'.repeat(20_000)),
  };
}

const proof = ['tlogEntries', '0', 'inclusionProof'];

function changed(bundle: Draft, path: readonly string[], change: (value: unknown) => unknown): Draft {
  const copy = structuredClone(bundle);
  const owner = path.slice(0, -1).reduce<Draft>((at, name) => at[name] as Draft, copy['verificationMaterial'] as Draft);
  const last = path.at(-1) ?? '';
  owner[last] = change(owner[last]);
  return copy;
}

/** Sequences within sequences. */
function nestedAsn1(bytes: number): Buffer {
  let inner = Buffer.alloc(0);
  while (inner.length < bytes)
    inner = Buffer.concat([Buffer.from([0x30, 0x82, inner.length >> 8, inner.length & 0xff]), inner]);
  return inner;
}

async function timed(count: number, work: () => Promise<unknown>): Promise<Measures> {
  const start = performance.now();
  for (let done = 0; done < count; done++) await work();
  return { 'time ms': (performance.now() - start) / count };
}
