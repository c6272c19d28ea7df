import { createHash } from 'node:crypto';

import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type Signer, toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

import type { AttestationBundle, LogEntry, MessageBundle } from './bundle-schema.ts';
import type { Extension } from './certificate-names.ts';

// This module is loaded at the first Sigstore signature. No other module imports the packages of Sigstore.

/** Verifies bundles against one trusted root. */
export interface BundleVerifier {
  /**
   * Verifies that the key of the bundle's certificate signed these bytes.
   * @returns the extensions of the certificate, which say who signed
   * @throws Error of any kind for a bundle that does not verify
   */
  verifyMessage(bundle: MessageBundle, bytes: Uint8Array): readonly Extension[];
  /**
   * Verifies that the key of the bundle's certificate signed the statement in it.
   * @returns the extensions of the certificate
   * @throws Error of any kind for a bundle that does not verify
   */
  verifyAttestation(bundle: AttestationBundle): readonly Extension[];
}

/**
 * Requires a certificate chain to a trusted Fulcio, one SCT, one entry with its proof in a trusted transparency log, and one
 * trusted time within the validity of the certificate.
 * @param trustedRoot the parsed JSON of `trusted_root.json`
 * @throws Error of any kind if it is not a trusted root
 */
export function createBundleVerifier(trustedRoot: unknown): BundleVerifier {
  const material = toTrustMaterial(TrustedRoot.fromJSON(trustedRoot));
  const verifier = new Verifier(material, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 });
  return {
    verifyMessage(json, bytes) {
      const message = Buffer.from(bytes);
      const signer = verifier.verify(toSignedEntity(bundleFromJSON(json), message));
      assertSame(json.messageSignature.messageDigest.digest, createHash('sha256').update(message).digest('base64'));
      assertConsistent(json);
      return extensionsOf(signer);
    },
    verifyAttestation(json) {
      const signer = verifier.verify(toSignedEntity(bundleFromJSON(json)));
      assertConsistent(json);
      return extensionsOf(signer);
    },
  };
}

function extensionsOf({ identity }: Signer): readonly Extension[] {
  return (identity?.oids ?? []).map(({ oid, value }) => ({ oid: oid?.id.join('.') ?? '', value }));
}

// The library takes these values from elsewhere or does not compare them. Another implementation may rely on them.

function assertConsistent(bundle: MessageBundle | AttestationBundle): void {
  const [entry] = bundle.verificationMaterial.tlogEntries;
  assertProofIsOfCheckpoint(entry);
  assertLogsCertificate(entry, certificateOf(bundle));
}

function assertProofIsOfCheckpoint({ inclusionProof }: LogEntry): void {
  const [, treeSize = '', rootHash = ''] = inclusionProof.checkpoint.envelope.split('\n');
  assertSame(inclusionProof.treeSize, treeSize);
  assertSame(inclusionProof.rootHash, rootHash);
}

/** The log vouches for one certificate. Another certificate with the same key may name another identity. */
function assertLogsCertificate({ canonicalizedBody }: LogEntry, certificate: string): void {
  const body: unknown = JSON.parse(Buffer.from(canonicalizedBody, 'base64').toString('utf8'));
  const logged = textsIn(body).map(certificateIn);
  if (!logged.includes(certificate)) throw new Error('the log entry is of another certificate');
}

/** Returns every text in a log entry. Each kind and version of entries names its members differently. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Older entries contain a certificate as base64 of PEM, newer ones as base64 of DER. */
function certificateIn(text: string): string {
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  const pem = /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n*$/.exec(decoded);
  return pem?.[1]?.replaceAll('\n', '') ?? text;
}

function certificateOf({ verificationMaterial }: MessageBundle | AttestationBundle): string {
  const { certificate, x509CertificateChain } = verificationMaterial;
  return (certificate ?? x509CertificateChain?.certificates[0])?.rawBytes ?? '';
}

function assertSame(one: string, other: string): void {
  if (one !== other) throw new Error('the bundle contradicts itself');
}
