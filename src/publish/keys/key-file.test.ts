import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { generateKeyFile, isReadableByOthers, readKeyFile, readPublicKeyFile } from './key-file.ts';
import { encryptPkcs8 } from './encrypt-pkcs8.ts';

const passphrase = 'correct horse battery staple';
const ask = async (): Promise<string> => Promise.resolve(passphrase);

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keys-'));
  file = join(directory, 'publisher.pem');
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

describe('a publisher key', () => {
  it('is written encrypted, private, and with its public part beside it', async () => {
    const { publicFile, publicKey } = await generateKeyFile(file, ask);
    const read = await readKeyFile(file, ask);
    expect({
      names: await readdir(directory),
      mode: (await stat(file)).mode & 0o777,
      header: (await readFile(file, 'utf8')).split('\n')[0],
      public: await readPublicKeyFile(publicFile),
      read: read.publicKey,
      readable: await isReadableByOthers(file),
    }).toEqual({
      names: ['publisher.pem', 'publisher.pub.json'],
      mode: 0o600,
      header: '-----BEGIN ENCRYPTED PRIVATE KEY-----',
      public: publicKey,
      read: publicKey,
      readable: false,
    });
  });

  it.each(['publisher.pem', 'publisher.pub.json'])('never overwrites %s', async (name) => {
    await writeFile(join(directory, name), 'mine');
    await expect(generateKeyFile(file, ask)).rejects.toMatchObject({ code: 'PUBLISH_KEY' });
    const text = await readFile(join(directory, name), 'utf8');
    expect({ names: await readdir(directory), text }).toEqual({ names: [name], text: 'mine' });
  });

  it('requires a passphrase of at least 12 characters', async () => {
    await expect(generateKeyFile(file, async () => Promise.resolve('short'))).rejects.toThrow(/at least 12/);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is refused with a wrong passphrase, which no message contains', async () => {
    await generateKeyFile(file, ask);
    const error: unknown = await readKeyFile(file, async () => Promise.resolve('wrong passphrase')).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      code: 'PUBLISH_KEY',
      message: expect.not.stringContaining('wrong passphrase') as string,
    });
  });

  it.each([
    [
      'an unencrypted key',
      async () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ],
    ['a key of another type', async () => encryptPkcs8(rsaKey(), passphrase)],
    [
      'a damaged file',
      async () => (await encryptPkcs8(rsaKey(), passphrase)).replace(/.{5}\n-----END/, 'AAAAA\n-----END'),
    ],
    ['another file', async () => Promise.resolve('hello')],
  ])('is refused when it is %s', async (_what, make) => {
    await writeFile(file, await make());
    await expect(readKeyFile(file, ask)).rejects.toMatchObject({ code: 'PUBLISH_KEY' });
  });
});

describe('a public key', () => {
  it.each([
    ['something else', '{"a":1}'],
    ['no JSON', 'hello'],
    [
      'under the id of another key',
      JSON.stringify({
        keyid: 'ab'.repeat(32),
        keytype: 'ed25519',
        scheme: 'ed25519',
        keyval: { public: 'cd'.repeat(32) },
      }),
    ],
  ])('is refused when it is %s', async (_what, text) => {
    await writeFile(file, text);
    await expect(readPublicKeyFile(file)).rejects.toMatchObject({ code: 'PUBLISH_KEY' });
  });

  it('is refused when the file does not exist', async () => {
    await expect(readPublicKeyFile(file)).rejects.toMatchObject({ code: 'PUBLISH_KEY' });
  });
});

function rsaKey(): Buffer {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'der' });
}
