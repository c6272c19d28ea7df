import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { type ProvenancePolicy, verifyProvenance } from '../../src/main/trust/sigstore/provenance.ts';
import type { Draft } from '../support/signed-world.ts';
import { type Builder, createSigstoreWorld } from '../support/sigstore-world.ts';
import { coded } from '../support/world.ts';

const world = await createSigstoreWorld();
const file = createHash('sha256').update('the file').digest('hex');
const builder: Builder = {
  issuer: 'https://token.actions.githubusercontent.com',
  repository: 'https://github.com/example/notes',
  commit: 'c'.repeat(40),
  ref: 'refs/tags/v1.2.0',
  workflow: '.github/workflows/release.yml',
};
const policy: ProvenancePolicy = { issuer: builder.issuer, repository: builder.repository, workflow: builder.workflow };
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://slsa.dev/provenance/v1',
  subject: [
    { name: 'other', digest: { sha256: '0'.repeat(64) } },
    { name: 'notes', digest: { sha256: file } },
  ],
  predicate: {},
};
const good = await world.attest(builder, statement);
const bytesOf = (...bundles: readonly unknown[]): Buffer =>
  Buffer.from(bundles.map((bundle) => JSON.stringify(bundle)).join('\n'));

const verified = (
  bytes: Uint8Array,
  change: Partial<ProvenancePolicy> = {},
  trustedRoot: Uint8Array | undefined = world.trustedRoot,
): Promise<unknown> => coded(() => verifyProvenance(bytes, file, { ...policy, ...change }, trustedRoot));

const { issuer: _issuer, ...told } = builder;

describe('build provenance', () => {
  it('says which commit of which repository was built by which workflow', async () => {
    expect(await verified(bytesOf(good))).toEqual(told);
  });

  it('is found among others, one a line, and in a document of several lines', async () => {
    const other = await world.attest(builder, { ...statement, subject: [] });
    const elsewhere = await world.attest({ ...builder, repository: 'https://github.com/else/notes' }, statement);
    expect([
      await verified(bytesOf(other, elsewhere, good)),
      await verified(Buffer.from(JSON.stringify(good, undefined, 2))),
    ]).toEqual([told, told]);
  });

  it.each<[string, Partial<Builder>]>([
    ['another repository', { repository: 'https://github.com/example/notes-2' }],
    ['another workflow', { workflow: '.github/workflows/test.yml' }],
    ['another identity provider', { issuer: 'https://token.example.org' }],
    ['no known commit', { commit: '' }],
  ])('of %s is refused', async (_what, change) => {
    expect(await verified(bytesOf(await world.attest({ ...builder, ...change }, statement)))).toBe(
      'TRUST_PROVENANCE_MISMATCH',
    );
  });

  it('of any workflow of the repository counts if none is named', async () => {
    const other = await world.attest({ ...builder, workflow: '.github/workflows/test.yml' }, statement);
    const { workflow: _workflow, ...any } = policy;
    expect(await coded(() => verifyProvenance(bytesOf(other), file, any, world.trustedRoot))).toMatchObject({
      workflow: '.github/workflows/test.yml',
    });
  });

  it.each<[string, Draft]>([
    ['of another file', { ...statement, subject: statement.subject.slice(0, 1) }],
    ['of another kind', { ...statement, predicateType: 'https://spdx.dev/Document' }],
    ['that is no statement', { subject: statement.subject }],
  ])('%s is refused', async (_what, other) => {
    expect(await verified(bytesOf(await world.attest(builder, other)))).toBe('TRUST_PROVENANCE_INVALID');
  });

  it('is refused with another payload, another signature, or the log entry of another statement', async () => {
    const other = await world.attest(builder, { ...statement, predicate: { more: 1 } });
    const envelope = good['dsseEnvelope'] as { payload: string; signatures: { sig: string }[] };
    const foreign = other['dsseEnvelope'] as typeof envelope;
    const spoilt = [
      { ...good, dsseEnvelope: { ...envelope, payload: foreign.payload } },
      { ...good, dsseEnvelope: { ...envelope, signatures: foreign.signatures } },
      { ...good, dsseEnvelope: foreign },
      { ...good, verificationMaterial: other['verificationMaterial'] },
      { ...good, dsseEnvelope: { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] } },
    ];
    const outcomes = [];
    for (const bundle of spoilt) outcomes.push(await verified(bytesOf(bundle)));
    expect(outcomes).toEqual(spoilt.map(() => 'TRUST_PROVENANCE_INVALID'));
  });

  it('is refused from another Sigstore, without a trusted root, if it is too long, and if it is none', async () => {
    const elsewhere = await createSigstoreWorld();
    expect({
      elsewhere: await verified(bytesOf(await elsewhere.attest(builder, statement))),
      noRoot: await coded(() => verifyProvenance(bytesOf(good), file, policy, undefined)),
      wrongRoot: await verified(bytesOf(good), {}, Buffer.from('{}')),
      long: await verified(Buffer.concat([bytesOf(good), Buffer.alloc(1024 * 1024, ' ')])),
      none: await verified(Buffer.from('not JSON')),
    }).toEqual({
      elsewhere: 'TRUST_PROVENANCE_INVALID',
      noRoot: 'TRUST_PROVENANCE_INVALID',
      wrongRoot: 'OPTIONS_CONFIG_INVALID',
      long: 'TRUST_PROVENANCE_INVALID',
      none: 'TRUST_PROVENANCE_INVALID',
    });
  });
});
