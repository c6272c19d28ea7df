import * as v from 'valibot';

// The part of a Sigstore bundle (https://docs.sigstore.dev/about/bundle/) that the verifier uses. Every member has a limit.
// A bundle is unsigned data from the repository, so the verifier decodes nothing before the bundle has this shape.

/** One entry of a transparency log, with the proof that the log holds it. Bytes are base64, numbers are decimal. */
export interface LogEntry {
  readonly logIndex?: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  /** Seconds since the epoch. */
  readonly integratedTime?: string;
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string } | null | undefined;
  readonly inclusionProof: {
    readonly logIndex?: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    /** A signed note: https://github.com/transparency-dev/formats/blob/main/log/README.md */
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
}

interface Certificate {
  readonly rawBytes: string;
}

interface VerificationMaterial {
  readonly certificate?: Certificate;
  readonly x509CertificateChain?: { readonly certificates: readonly Certificate[] };
  readonly tlogEntries: readonly [LogEntry];
  readonly timestampVerificationData?:
    { readonly rfc3161Timestamps: readonly { readonly signedTimestamp: string }[] } | null | undefined;
}

/** A bundle with a signature over bytes that it does not contain. */
export interface MessageBundle {
  readonly mediaType: string;
  readonly verificationMaterial: VerificationMaterial;
  readonly messageSignature: {
    readonly messageDigest: { readonly algorithm: 'SHA2_256'; readonly digest: string };
    readonly signature: string;
  };
}

/** A bundle with a signed in-toto statement: https://github.com/in-toto/attestation/blob/main/spec/v1/README.md */
export interface AttestationBundle {
  readonly mediaType: string;
  readonly verificationMaterial: VerificationMaterial;
  readonly dsseEnvelope: {
    readonly payloadType: 'application/vnd.in-toto+json';
    readonly payload: string;
    readonly signatures: readonly [{ readonly sig: string }];
  };
}

/** Base64 of at most `bytes` bytes. */
function base64(bytes: number): v.GenericSchema<unknown, string> {
  return v.pipe(
    v.string(),
    v.maxLength(Math.ceil(bytes / 3) * 4),
    v.regex(/^[A-Za-z0-9+/]+={0,2}$/),
    v.check((text) => text.length % 4 === 0, 'not base64'),
  );
}

/** protobuf writes 64-bit integers as text and omits zero. */
const count = v.pipe(v.string(), v.regex(/^\d{1,18}$/));

const hash = base64(64);

/**
 * A note of a log: origin, tree size, root hash, possibly more lines, and signatures. A name must not contain special
 * characters of regular expressions, because `@sigstore/verify` before 4 matches the address of the log with it.
 */
const checkpoint = v.pipe(
  v.string(),
  v.maxLength(4_096),
  v.regex(/^[^\n]+\n\d{1,18}\n[A-Za-z0-9+/]+={0,2}\n([^\n]+\n)*\n(\u2014 [A-Za-z0-9./:-]+ [A-Za-z0-9+/]+={0,2}\n)+$/),
);

const logEntry: v.GenericSchema<unknown, LogEntry> = v.object({
  logIndex: v.exactOptional(count),
  logId: v.object({ keyId: hash }),
  kindVersion: v.object({
    kind: v.picklist(['hashedrekord', 'dsse', 'intoto']),
    version: v.picklist(['0.0.1', '0.0.2']),
  }),
  integratedTime: v.exactOptional(count),
  inclusionPromise: v.nullish(v.object({ signedEntryTimestamp: base64(1_024) })),
  inclusionProof: v.object({
    logIndex: v.exactOptional(count),
    rootHash: hash,
    treeSize: count,
    hashes: v.exactOptional(v.pipe(v.array(hash), v.maxLength(64)), []),
    checkpoint: v.object({ envelope: checkpoint }),
  }),
  canonicalizedBody: base64(64_000),
});

const certificate = v.object({ rawBytes: base64(8_192) });

const timestamps = v.object({
  rfc3161Timestamps: v.exactOptional(v.pipe(v.array(v.object({ signedTimestamp: base64(8_192) })), v.maxLength(4)), []),
});

const verificationMaterial: v.GenericSchema<unknown, VerificationMaterial> = v.object({
  certificate: v.exactOptional(certificate),
  x509CertificateChain: v.exactOptional(
    v.object({ certificates: v.pipe(v.array(certificate), v.minLength(1), v.maxLength(4)) }),
  ),
  tlogEntries: v.strictTuple([logEntry]),
  timestampVerificationData: v.nullish(timestamps),
});

/** Versions 0.2 and 0.3. Both must prove that the log has the entry. Version 0.1 need not. */
const mediaType = v.picklist([
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
]);

const signature = base64(1_024);

export const messageBundleSchema: v.GenericSchema<unknown, MessageBundle> = v.object({
  mediaType,
  verificationMaterial,
  messageSignature: v.object({
    messageDigest: v.object({ algorithm: v.literal('SHA2_256'), digest: hash }),
    signature,
  }),
});

export const attestationBundleSchema: v.GenericSchema<unknown, AttestationBundle> = v.object({
  mediaType,
  verificationMaterial,
  dsseEnvelope: v.object({
    payloadType: v.literal('application/vnd.in-toto+json'),
    payload: base64(256 * 1024),
    signatures: v.strictTuple([v.object({ sig: signature })]),
  }),
});
