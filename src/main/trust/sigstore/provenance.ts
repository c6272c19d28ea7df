import * as v from 'valibot';

import { assertTrustedRoot } from '../../../shared/sigstore-keys.ts';
import { parseJsonText } from '../../../shared/json-text.ts';
import { textOf, UpdateError } from '../../../shared/errors.ts';
import { type AttestationBundle, attestationBundleSchema } from './bundle-schema.ts';
import { type Extension, isIssuedBy, textIn } from './certificate-names.ts';

/** The repository and workflow that must have built a file. */
export interface ProvenancePolicy {
  /** The address of the identity provider of the CI. */
  readonly issuer: string;
  /** The address of the source repository, without a slash at its end. */
  readonly repository: string;
  /** The path of the workflow in the repository. @defaultValue any */
  readonly workflow?: string;
}

/** The builder of a file according to the CI's identity provider and Fulcio, not according to the build. */
export interface Provenance {
  readonly repository: string;
  readonly commit: string;
  /** A branch or tag: `refs/tags/v1.2.0`. */
  readonly ref: string;
  /** The path of the workflow in the repository. */
  readonly workflow: string;
}

/** The largest size of a file with attestations, in bytes, and the number of attestations that are verified. */
const [maxBytes, maxBundles] = [1024 * 1024, 8];

// https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
const fulcio = '1.3.6.1.4.1.57264.1';
const oids = {
  repository: `${fulcio}.12`,
  commit: `${fulcio}.13`,
  ref: `${fulcio}.14`,
  workflow: `${fulcio}.18`,
} as const;

/**
 * Verifies SLSA build provenance offline. A workflow of the repository must have signed an attestation with the file's hash.
 * @param bytes one Sigstore bundle, or several with one in each line
 * @param sha256 the hash of the file, in hex
 * @param trustedRoot the bytes of `trusted_root.json`
 * @throws UpdateError `TRUST_PROVENANCE_INVALID` if none verifies for this file, `TRUST_PROVENANCE_MISMATCH` if somebody else
 * built it, `OPTIONS_CONFIG_INVALID`
 */
export async function verifyProvenance(
  bytes: Uint8Array,
  sha256: string,
  policy: ProvenancePolicy,
  trustedRoot: Uint8Array | undefined,
): Promise<Provenance> {
  const naming = bundlesIn(bytes).filter((bundle) => namesFile(bundle, sha256));
  if (naming.length === 0) throw invalid('no attestation in it names this file');
  if (trustedRoot === undefined) throw invalid('there is no trusted_root.json to verify it with');
  assertTrustedRoot(trustedRoot);
  const { createBundleVerifier } = await import('./verify-bundle.ts');
  const verifier = createBundleVerifier(parseJsonText(Buffer.from(trustedRoot).toString('utf8')));
  let refusal: UpdateError | undefined;
  for (const bundle of naming.slice(0, maxBundles)) {
    try {
      return builderOf(verifier.verifyAttestation(bundle), policy);
    } catch (error) {
      refusal = error instanceof UpdateError ? error : (refusal ?? invalid(textOf(error), error));
    }
  }
  throw refusal ?? invalid('it has no attestation');
}

function bundlesIn(bytes: Uint8Array): readonly AttestationBundle[] {
  if (bytes.length > maxBytes) throw invalid(`it has ${bytes.length} bytes, but at most ${maxBytes} are allowed`);
  const text = Buffer.from(bytes).toString('utf8').trim();
  const whole = parsed(text);
  const documents = whole === undefined ? text.split('\n').map(parsed) : [whole];
  return documents.flatMap((document) => {
    const result = v.safeParse(attestationBundleSchema, document);
    return result.success ? [result.output] : [];
  });
}

/** The used part of an in-toto statement (v0.1 and v1). The build itself writes the predicate, which is not used. */
const statementSchema = v.object({
  _type: v.picklist(['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1']),
  predicateType: v.picklist(['https://slsa.dev/provenance/v0.2', 'https://slsa.dev/provenance/v1']),
  subject: v.pipe(v.array(v.object({ digest: v.record(v.string(), v.string()) })), v.maxLength(1_024)),
});

function namesFile({ dsseEnvelope }: AttestationBundle, sha256: string): boolean {
  const statement = v.safeParse(statementSchema, parsed(Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8')));
  return statement.success && statement.output.subject.some(({ digest }) => digest['sha256'] === sha256);
}

/** @throws UpdateError `TRUST_PROVENANCE_MISMATCH` */
function builderOf(extensions: readonly Extension[], { issuer, repository, workflow }: ProvenancePolicy): Provenance {
  const told = {
    repository: textIn(extensions, oids.repository) ?? '',
    commit: textIn(extensions, oids.commit) ?? '',
    ref: textIn(extensions, oids.ref) ?? '',
  };
  // https://github.com/owner/name/.github/workflows/release.yml@refs/tags/v1.2.0
  const built = textIn(extensions, oids.workflow) ?? '';
  const [start, end] = [`${told.repository}/`, `@${told.ref}`];
  const path = built.startsWith(start) && built.endsWith(end) ? built.slice(start.length, -end.length) : '';
  const found = { ...told, workflow: path };
  const isRight =
    isIssuedBy(extensions, issuer) &&
    told.repository === repository &&
    told.commit !== '' &&
    path !== '' &&
    (workflow === undefined || path === workflow);
  if (isRight) return found;
  throw new UpdateError(
    'TRUST_PROVENANCE_MISMATCH',
    `This file was built from ${told.repository.slice(0, 200) || 'no known repository'}, ${path.slice(0, 200) || 'no known workflow'}, and should have been built from ${repository}${workflow === undefined ? '' : `, ${workflow}`}. Nothing was changed.`,
    { details: { ...found } },
  );
}

function parsed(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch {
    return undefined;
  }
}

function invalid(why: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'TRUST_PROVENANCE_INVALID',
    `The proof of where this file was built cannot be used: ${why}. Nothing was changed.`,
    { cause },
  );
}
