/** A person or workflow that signs, and the identity provider that vouches for it. */
export interface Identity {
  /** An e-mail address, or the URI of a workflow. */
  readonly identity: string;
  /** The address of the OpenID Connect provider. */
  readonly issuer: string;
}

/** An extension of a certificate: its object identifier, and the DER of its value. */
export interface Extension {
  readonly oid: string;
  readonly value: Uint8Array;
}

// https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
const subjectAltName = '2.5.29.17';
const issuerV1 = '1.3.6.1.4.1.57264.1.1';
const issuerV2 = '1.3.6.1.4.1.57264.1.8';

/** Tags of a GeneralName (RFC 5280, section 4.2.1.6), and of a UTF8String. */
const [emailTag, uriTag, sequenceTag, utf8Tag] = [0x81, 0x86, 0x30, 0x0c];

/**
 * Whether a certificate names this identity and issuer, and no other. Compares the bytes with those that Fulcio would write,
 * so no parser can be misled. The certificate must have exactly one alternative name.
 */
export function namesIdentity(extensions: readonly Extension[], { identity, issuer }: Identity): boolean {
  const [names, ...more] = extensions.filter(({ oid }) => oid === subjectAltName);
  if (names === undefined || more.length > 0) return false;
  const isNamed = [emailTag, uriTag].some((tag) =>
    Buffer.from(names.value).equals(der(sequenceTag, der(tag, Buffer.from(identity)))),
  );
  return isNamed && isIssuedBy(extensions, issuer);
}

/** Certificates from before 2023 have only the first form of the extension: plain text. */
export function isIssuedBy(extensions: readonly Extension[], issuerUrl: string): boolean {
  const issuer = Buffer.from(issuerUrl);
  const newer = extensions.filter(({ oid }) => oid === issuerV2);
  const older = extensions.filter(({ oid }) => oid === issuerV1);
  if (newer.length > 1 || older.length > 1 || newer.length + older.length === 0) return false;
  return (
    newer.every(({ value }) => Buffer.from(value).equals(der(utf8Tag, issuer))) &&
    older.every(({ value }) => Buffer.from(value).equals(issuer))
  );
}

/** Returns the text of an extension if the certificate has it exactly once. */
export function textIn(extensions: readonly Extension[], oid: string): string | undefined {
  const [one, ...more] = extensions.filter((extension) => extension.oid === oid);
  if (one === undefined || more.length > 0) return undefined;
  // Decodes the text and encodes it again. The text counts only if the result equals the bytes of the certificate.
  const text = Buffer.from(
    one.value.subarray(one.value.length < 0x82 ? 2 : one.value.length < 0x103 ? 3 : 4),
  ).toString();
  return der(utf8Tag, Buffer.from(text)).equals(one.value) ? text : undefined;
}

/** X.690, section 8.1: tag, length, value. */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const short = length < 0x80 ? [length] : undefined;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(short ?? long)]), value]);
}
