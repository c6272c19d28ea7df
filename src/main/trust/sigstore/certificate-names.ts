/** Who signed: a person or a workflow, and the identity provider that says so. */
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
 * Whether a certificate names this identity and issuer, and no other. The bytes that Fulcio would write are compared, so
 * no reading of them can be confused: the certificate has one alternative name, of one kind.
 */
export function namesIdentity(extensions: readonly Extension[], { identity, issuer }: Identity): boolean {
  const [names, ...more] = extensions.filter(({ oid }) => oid === subjectAltName);
  if (names === undefined || more.length > 0) return false;
  const isNamed = [emailTag, uriTag].some((tag) =>
    Buffer.from(names.value).equals(der(sequenceTag, der(tag, Buffer.from(identity)))),
  );
  return isNamed && isIssuedBy(extensions, issuer);
}

/** Certificates before 2023 have only the first form: the plain text. */
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

/** The text of an extension, if the certificate has it once. */
export function textIn(extensions: readonly Extension[], oid: string): string | undefined {
  const [one, ...more] = extensions.filter((extension) => extension.oid === oid);
  if (one === undefined || more.length > 0) return undefined;
  // Read as any text, then written again: only what Fulcio would write for it is that text.
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
