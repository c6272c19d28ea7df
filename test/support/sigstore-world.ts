import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { initializeCA, initializeCTLog, initializeTLog } from '@sigstore/mock';
import { canonicalize } from '@tufjs/canonical-json';

import type { AnyKey, Draft } from './signed-world.ts';

/** A person or a workflow who signs with Sigstore. As a key of a role plan it signs later: see {@link SigstoreWorld.seal}. */
export interface SigstoreSigner extends AnyKey {
  /** @returns the signature and its bundle, as securesystemslib writes them */
  signWithBundle(bytes: Uint8Array): Promise<{ readonly sig: string; readonly bundle: Draft }>;
}

/** A Sigstore of its own: Fulcio, certificate log and Rekor. */
export interface SigstoreWorld {
  /** The bytes of `trusted_root.json`. */
  readonly trustedRoot: Uint8Array;
  signer(identity: string, issuer: string): SigstoreSigner;
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

  async function signWithBundle(
    identity: string,
    issuer: string,
    bytes: Uint8Array,
  ): Promise<{ readonly sig: string; readonly bundle: Draft }> {
    const { publicKey, privateKey } = ecPair();
    const certificate = await ca.issueCertificate({
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      subjectAltName: identity,
      extensions: [{ oid: issuerOid, value: issuer }],
    });
    const rawBytes = base64(certificate);
    const signature = sign('sha256', bytes, privateKey).toString('base64');
    const digest = createHash('sha256').update(bytes).digest();
    const pem = `-----BEGIN CERTIFICATE-----\n${rawBytes.replaceAll(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
    const logged = await log.log({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
        signature: { content: signature, publicKey: { content: Buffer.from(pem).toString('base64') } },
      },
    });
    const bundle = {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes },
        tlogEntries: [entryOf(Object.values(logged)[0] as LoggedEntry)],
      },
      messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: digest.toString('base64') }, signature },
    };
    return { sig: signature, bundle };
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
        signWithBundle: (bytes) => signWithBundle(identity, issuer, bytes),
      };
    },
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

function entryOf({ body, integratedTime, logID, logIndex, verification }: LoggedEntry): Draft {
  const { treeSize, checkpoint, rootHash } = verification.inclusionProof;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
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
