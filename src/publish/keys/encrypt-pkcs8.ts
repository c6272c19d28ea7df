import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP's recommendation for PBKDF2-HMAC-SHA256. Node's own export uses OpenSSL's default of 2,048 rounds. */
const rounds = 600_000;

const oid = {
  pbes2: '2a864886f70d01050d',
  pbkdf2: '2a864886f70d01050c',
  hmacWithSha256: '2a864886f70d0209',
  aes256Cbc: '60864801650304012a',
} as const;

/**
 * Encrypts a PKCS#8 private key (DER) into PEM that OpenSSL, Node and python-cryptography can read:
 * EncryptedPrivateKeyInfo (RFC 5958 section 3) with PBES2 (RFC 8018 section 6.2), PBKDF2-HMAC-SHA256 and AES-256-CBC.
 */
export async function encryptPkcs8(der: Uint8Array, passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const key = await promisify(pbkdf2)(passphrase, salt, rounds, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encrypted = Buffer.concat([cipher.update(der), cipher.final()]);
  const derivation = sequence(
    objectId(oid.pbkdf2),
    sequence(octets(salt), integer(rounds), sequence(objectId(oid.hmacWithSha256), tlv(0x05, Buffer.alloc(0)))),
  );
  const encryption = sequence(objectId(oid.aes256Cbc), octets(iv));
  const info = sequence(sequence(objectId(oid.pbes2), sequence(derivation, encryption)), octets(encrypted));
  const lines = info.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN ENCRYPTED PRIVATE KEY-----', ...lines, '-----END ENCRYPTED PRIVATE KEY-----', ''].join('\n');
}

function tlv(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function objectId(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function octets(bytes: Uint8Array): Buffer {
  return tlv(0x04, bytes);
}

/** Encodes an integer from 1 to 2^31 - 1. A leading zero byte keeps it positive (X.690 section 8.3). */
function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(value, 1);
  const firstUsed = bytes.findIndex((byte) => byte !== 0);
  const start = (bytes[firstUsed] ?? 0) >= 0x80 ? firstUsed - 1 : firstUsed;
  return tlv(0x02, bytes.subarray(start));
}
