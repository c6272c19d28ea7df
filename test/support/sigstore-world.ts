import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { initializeCA, initializeCTLog, initializeTLog } from '@sigstore/mock';
import { canonicalize } from '@tufjs/canonical-json';

import { preAuthenticationEncoding } from '../../src/shared/dsse.ts';
import type { AnyKey, Draft } from './signed-world.ts';

/** A person or a workflow who signs with Sigstore. As a key of a role plan it signs later: see {@link SigstoreWorld.seal}. */
export interface SigstoreSigner extends AnyKey {
  /**
   * @param change spoils what is logged
   * @returns the signature and its bundle, as securesystemslib writes them
   */
  signWithBundle(
    bytes: Uint8Array,
    change?: (logged: HashedRekord) => void,
  ): Promise<{ readonly sig: string; readonly bundle: Draft }>;
}

/** What Rekor keeps of a signature: its entries of the kind `hashedrekord`. */
interface HashedRekord {
  readonly data: { readonly hash: { readonly algorithm: string; value: string } };
  readonly signature: { readonly content: string; readonly publicKey: { content: string } };
}

/** A workflow run. */
export interface Builder {
  readonly issuer: string;
  readonly repository: string;
  readonly commit: string;
  readonly ref: string;
  readonly workflow: string;
}

/** A Sigstore of its own: Fulcio, certificate log and Rekor. */
export interface SigstoreWorld {
  /** The bytes of `trusted_root.json`. */
  readonly trustedRoot: Uint8Array;
  signer(identity: string, issuer: string): SigstoreSigner;
  /** An attestation as a CI makes it. @returns a bundle */
  attest(builder: Builder, statement: Draft): Promise<Draft>;
  /** Replaces the placeholders of signers in the files of a plan by signatures. */
  seal(files: ReadonlyMap<string, Uint8Array>, signers: readonly SigstoreSigner[]): Promise<Map<string, Uint8Array>>;
}

export interface SigstoreWorldOptions {
  /** When the log takes an entry. Certificates are valid for ten minutes from now on. @defaultValue now */
  readonly logClock?: Date;
  /** Whether certificates are in the certificate log. @defaultValue true */
  readonly sct?: boolean;
}

const rekorUrl = 'https://rekor.example.org';
const issuerOid = '1.3.6.1.4.1.57264.1.8';
const ecPair = (): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** Made by `@sigstore/mock`, an implementation of its own. */
export async function createSigstoreWorld(options: SigstoreWorldOptions = {}): Promise<SigstoreWorld> {
  const ctLog = await initializeCTLog(ecPair());
  const ca = await initializeCA(
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    options.sct === false ? undefined : ctLog,
  );
  const log = await initializeTLog(rekorUrl, ecPair(), options.logClock);

  /** A new key and its certificate, as base64 of DER and as base64 of PEM. */
  async function certified(
    identity: string,
    extensions: readonly (readonly [oid: string, value: string])[],
  ): Promise<{ readonly privateKey: KeyObject; readonly rawBytes: string; readonly pem: string }> {
    const { publicKey, privateKey } = ecPair();
    const certificate = await ca.issueCertificate({
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      subjectAltName: identity,
      extensions: extensions.map(([oid, value]) => ({ oid, value })),
    });
    const rawBytes = base64(certificate);
    const text = `-----BEGIN CERTIFICATE-----\n${rawBytes.replaceAll(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
    return { privateKey, rawBytes, pem: Buffer.from(text).toString('base64') };
  }

  async function bundleOf(rawBytes: string, kind: 'hashedrekord' | 'dsse', spec: Draft): Promise<Draft> {
    const logged = await log.log({ apiVersion: '0.0.1', kind, spec });
    const entry = entryOf(kind, Object.values(logged)[0] as LoggedEntry);
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { certificate: { rawBytes }, tlogEntries: [entry] },
    };
  }

  async function signWithBundle(
    identity: string,
    issuer: string,
    bytes: Uint8Array,
    change?: (logged: HashedRekord) => void,
  ): Promise<{ readonly sig: string; readonly bundle: Draft }> {
    const { privateKey, rawBytes, pem } = await certified(identity, [[issuerOid, issuer]]);
    const signature = sign('sha256', bytes, privateKey).toString('base64');
    const digest = createHash('sha256').update(bytes).digest();
    const logged: HashedRekord = {
      data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
      signature: { content: signature, publicKey: { content: pem } },
    };
    change?.(logged);
    const bundle = await bundleOf(rawBytes, 'hashedrekord', { ...logged });
    const messageDigest = { algorithm: 'SHA2_256', digest: digest.toString('base64') };
    return { sig: signature, bundle: { ...bundle, messageSignature: { messageDigest, signature } } };
  }

  async function attest({ issuer, repository, commit, ref, workflow }: Builder, statement: Draft): Promise<Draft> {
    const uri = `${repository}/${workflow}@${ref}`;
    const told = [repository, commit, ref].map((value, at) => [`1.3.6.1.4.1.57264.1.${12 + at}`, value] as const);
    const { privateKey, rawBytes, pem } = await certified(uri, [
      [issuerOid, issuer],
      ...told,
      ['1.3.6.1.4.1.57264.1.18', uri],
    ]);
    const payloadType = 'application/vnd.in-toto+json';
    const payload = Buffer.from(JSON.stringify(statement));
    const sig = sign('sha256', preAuthenticationEncoding(payloadType, payload), privateKey).toString('base64');
    const bundle = await bundleOf(rawBytes, 'dsse', {
      payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') },
      signatures: [{ signature: sig, verifier: pem }],
    });
    return { ...bundle, dsseEnvelope: { payloadType, payload: payload.toString('base64'), signatures: [{ sig }] } };
  }

  return {
    trustedRoot: Buffer.from(JSON.stringify(trustedRootOf(ca.rootCertificate, ctLog.publicKey, log.publicKey))),
    signer(identity, issuer) {
      const json = { keytype: 'sigstore-oidc', scheme: 'Fulcio', keyval: { identity, issuer } };
      const keyid = createHash('sha256').update(canonicalize(json)).digest('hex');
      return {
        keyid,
        json,
        sign: () => 'sealed later',
        signWithBundle: (bytes, change) => signWithBundle(identity, issuer, bytes, change),
      };
    },
    attest,
    async seal(files, signers) {
      const sealed = new Map(files);
      for (const [name, bytes] of files) {
        const { signed, signatures } = JSON.parse(Buffer.from(bytes).toString()) as {
          signed: Draft;
          signatures: Draft[];
        };
        const signing = signatures.map(async (one) => {
          const signer = signers.find(({ keyid }) => keyid === one['keyid']);
          return signer === undefined
            ? one
            : { keyid: signer.keyid, ...(await signer.signWithBundle(Buffer.from(canonicalize(signed)))) };
        });
        sealed.set(name, Buffer.from(JSON.stringify({ signed, signatures: await Promise.all(signing) })));
      }
      return sealed;
    },
  };
}

/** What Rekor answers to a new entry. */
interface LoggedEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly inclusionProof: { readonly treeSize: number; readonly checkpoint: string; readonly rootHash: string };
    readonly signedEntryTimestamp: string;
  };
}

function entryOf(kind: string, { body, integratedTime, logID, logIndex, verification }: LoggedEntry): Draft {
  const { treeSize, checkpoint, rootHash } = verification.inclusionProof;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind, version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
    inclusionProof: {
      logIndex: '0',
      rootHash: Buffer.from(rootHash, 'hex').toString('base64'),
      treeSize: String(treeSize),
      hashes: [],
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: body,
  };
}

function trustedRootOf(fulcio: ArrayBufferView, ctLog: Uint8Array, rekor: Uint8Array): Draft {
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const logOf = (baseUrl: string, key: Uint8Array): Draft => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(key), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: createHash('sha256').update(key).digest('base64') },
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(rekorUrl, rekor)],
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
        uri: 'https://fulcio.example.org',
        certChain: { certificates: [{ rawBytes: base64(fulcio) }] },
        validFor,
      },
    ],
    ctlogs: [logOf('https://ct.example.org', ctLog)],
    timestampAuthorities: [],
  };
}

function base64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
