import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import * as v from 'valibot';

import { parseJsonText } from '../../shared/json-text.ts';
import { syncDirectory } from '../../files/write-atomic.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import { keyIdOf, type PublisherKey, publisherKeySetSchema } from '../../shared/publisher-keys.ts';
import { dirname } from 'node:path';
import { encryptPkcs8 } from './encrypt-pkcs8.ts';

/** A decrypted private key, and its public part in the form that clients embed. */
export interface SigningKey {
  readonly publicKey: PublisherKey;
  readonly privateKey: KeyObject;
}

/** Asks for the passphrase of a key file. Called only when it is needed. */
export type AskPassphrase = (file: string) => Promise<string>;

const shortestPassphrase = 12;
/** The first line of an encrypted PKCS#8 key. Unencrypted and legacy keys have another one. */
const encryptedHeader = '-----BEGIN ENCRYPTED PRIVATE KEY-----';

/**
 * Generates an ed25519 key: writes `<out>` (encrypted PKCS#8, mode 0600) and the public part beside it. Never overwrites
 * a file.
 * @throws UpdateError `PUBLISH_KEY`
 */
export async function generateKeyFile(
  out: string,
  askPassphrase: AskPassphrase,
): Promise<{ readonly publicFile: string; readonly publicKey: PublisherKey }> {
  if (await exists(out)) throw alreadyThere(out);
  const publicFile = publicFileOf(out);
  if (await exists(publicFile)) throw alreadyThere(publicFile);
  const passphrase = await askPassphrase(out);
  if (passphrase.length < shortestPassphrase) {
    throw new UpdateError('PUBLISH_KEY', `The passphrase is too short: use at least ${shortestPassphrase} characters.`);
  }
  const pair = generateKeyPairSync('ed25519');
  const pem = await encryptPkcs8(pair.privateKey.export({ type: 'pkcs8', format: 'der' }), passphrase);
  const publicKey = describeKey(pair.publicKey);
  await writeNew(out, pem, 0o600);
  try {
    await writeNew(publicFile, `${JSON.stringify(publicKey, undefined, 2)}\n`, 0o644);
  } catch (error) {
    await unlink(out);
    throw error;
  }
  return { publicFile, publicKey };
}

/** `publisher.pem` → `publisher.pub.json` */
export function publicFileOf(file: string): string {
  return `${file.replace(/\.pem$/, '')}.pub.json`;
}

/** Decrypts a key file. @throws UpdateError `PUBLISH_KEY`; messages never contain the passphrase */
export async function readKeyFile(file: string, askPassphrase: AskPassphrase): Promise<SigningKey> {
  const pem = await readText(file);
  if (!pem.includes(encryptedHeader)) {
    throw new UpdateError(
      'PUBLISH_KEY',
      `${file} is not an encrypted private key. Make one with "electron-tuf keygen", or encrypt an ed25519 key with "openssl pkcs8 -topk8 -v2 aes-256-cbc".`,
    );
  }
  const privateKey = decrypt(file, pem, await askPassphrase(file));
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new UpdateError(
      'PUBLISH_KEY',
      `${file} is a ${privateKey.asymmetricKeyType} key; publishers sign with ed25519.`,
    );
  }
  return { publicKey: describeKey(createPublicKey(privateKey)), privateKey };
}

/** Reads the `.pub.json` that `keygen` wrote. @throws UpdateError `PUBLISH_KEY` */
export async function readPublicKeyFile(file: string): Promise<PublisherKey> {
  const text = await readText(file);
  const parsed = v.safeParse(publisherKeySetSchema, { revision: 1, threshold: 1, keys: [parseJson(file, text)] });
  const key = parsed.success ? parsed.output.keys[0] : undefined;
  if (key === undefined) {
    throw new UpdateError(
      'PUBLISH_KEY',
      `${file} is not a publisher's public key. Give the .pub.json that "electron-tuf keygen" wrote.`,
    );
  }
  if (key.keyid !== keyIdOf(key.keyval.public)) {
    throw new UpdateError('PUBLISH_KEY', `The key id in ${file} does not match its key: the file was changed.`);
  }
  return key;
}

/** Whether users other than the owner can read the file. Always false on Windows, which has no file modes. */
export async function isReadableByOthers(file: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0;
}

/** The public part of an ed25519 key in the form that clients embed. */
export function describeKey(key: KeyObject): PublisherKey {
  const { x } = key.export({ format: 'jwk' });
  if (x === undefined) throw new UpdateError('PUBLISH_KEY', 'The key has no public part.');
  const hex = Buffer.from(x, 'base64url').toString('hex');
  return { keyid: keyIdOf(hex), keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
}

function decrypt(file: string, pem: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch (error) {
    throw new UpdateError(
      'PUBLISH_KEY',
      `${file} cannot be decrypted: the passphrase is wrong or the file is damaged.`,
      {
        cause: error,
      },
    );
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UpdateError('PUBLISH_KEY', `The key file ${file} cannot be read: ${textOf(error)}.`, { cause: error });
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    throw new UpdateError('PUBLISH_KEY', `${file} is not JSON. Give the .pub.json that "electron-tuf keygen" wrote.`, {
      cause: error,
    });
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw new UpdateError('PUBLISH_KEY', `${file} cannot be written: ${textOf(error)}.`, { cause: error });
  }
}

/** Creates a file with `wx`, which fails if the name exists, even as a link, so a key is never overwritten. */
async function writeNew(file: string, text: string, mode: number): Promise<void> {
  try {
    const handle = await open(file, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncDirectory(dirname(file));
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw alreadyThere(file);
    throw new UpdateError('PUBLISH_KEY', `${file} cannot be written: ${textOf(error)}.`, { cause: error });
  }
}

function alreadyThere(file: string): UpdateError {
  return new UpdateError('PUBLISH_KEY', `${file} already exists and is never overwritten. Choose another name.`);
}
