import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { UpdateError } from '../shared/errors.ts';

const marker = Buffer.from('PRIVATE KEY-----');
const begin = /-----BEGIN ([A-Z]+ )?$/;
/**
 * What follows the header of a real key: base64 on new lines, or behind `\n` in a string, possibly after legacy
 * headers.
 */
const body = /^PRIVATE KEY-----(\\r|\\n|\s|["'+]|Proc-Type:[^\n]*|DEK-Info:[^\n]*)*[A-Za-z0-9+/]{32}/;
/** Bytes to keep from the previous chunk, so that a header and a body on both sides of a boundary are seen together. */
const overlap = 1024;
/** Secrets that the publisher's tools read from the environment. Their values must not be in the app either. */
const secretVariables = ['ELECTRON_TUF_PASSPHRASE', 'ELECTRON_TUF_TOKEN'];

/**
 * Searches every packed file, asar archives included, for PEM private keys and for the publisher's passphrase and
 * token. Libraries that merely mention the PEM header pass.
 * @throws UpdateError `PUBLISH_KEY` that names the file, never the secret
 */
export async function assertNoSecrets(resources: string, allowed: readonly string[]): Promise<void> {
  const entries = await readdir(resources, { recursive: true, withFileTypes: true });
  const values = secretVariables.flatMap((name) => {
    const value = process.env[name];
    return value === undefined || value.length < 8 ? [] : [{ name, bytes: Buffer.from(value) }];
  });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(resources, path).replaceAll(sep, '/');
    if (allowed.includes(name)) continue;
    const found = await findSecret(path, values);
    if (found === undefined) continue;
    throw new UpdateError(
      'PUBLISH_KEY',
      `${name} in the packed app contains ${found}. Everyone with the app could read it. Exclude the file ("files" in electron-builder's configuration), and replace the key if a build with it ever left this machine.`,
      { details: { file: name } },
    );
  }
}

async function findSecret(
  path: string,
  values: readonly { readonly name: string; readonly bytes: Buffer }[],
): Promise<string | undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    const window = Buffer.concat([rest, chunk]);
    if (hasPrivateKey(window)) return 'a private key';
    const value = values.find(({ bytes }) => window.includes(bytes));
    if (value !== undefined) return `the value of ${value.name}`;
    rest = window.subarray(-overlap);
  }
  return undefined;
}

function hasPrivateKey(window: Buffer): boolean {
  for (let at = window.indexOf(marker); at >= 0; at = window.indexOf(marker, at + 1)) {
    const before = window.toString('latin1', Math.max(0, at - 40), at);
    if (begin.test(before) && body.test(window.toString('latin1', at, at + 400))) return true;
  }
  return false;
}
