import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { parseJsonText } from '../shared/json-text.ts';
import { readFileIfExists } from '../files/read-file-if-exists.ts';
import { writeAtomic } from '../files/write-atomic.ts';
import { assertIdentitiesCanCount, assertTrustedRoot, trustedRootFile } from '../shared/sigstore-keys.ts';
import { textOf, UpdateError } from '../shared/errors.ts';
import { keyIdOf } from '../shared/publisher-keys.ts';
import { parseUpdateConfig } from '../shared/update-config.ts';
import { elevatedScript, elevatedScriptName } from '../shared/windows-elevation.ts';

const rootSchema = v.object({
  signatures: v.pipe(v.array(v.looseObject({})), v.minLength(1)),
  signed: v.looseObject({
    _type: v.literal('root'),
    version: v.number(),
    expires: v.pipe(v.string(), v.isoTimestamp()),
  }),
});

/**
 * Validates the files and copies them into the app. An app whose root of trust is unreadable would never update.
 */
export async function embedUpdateFiles(source: string, destination: string, platform: string): Promise<void> {
  const root = await read(source, 'root.json');
  const config = await read(source, 'update.json');
  const trustedRoot = await readTrustedRoot(source);
  const parsedRoot = parse('root.json', root);
  assertRoot(parsedRoot);
  assertIdentitiesCanCount(parsedRoot, trustedRoot);
  assertConfig(parse('update.json', config));
  await mkdir(destination, { recursive: true });
  // The app is installed for all users, so every user must be able to read the files.
  await writeAtomic(join(destination, 'root.json'), root, { mode: 0o644 });
  await writeAtomic(join(destination, 'update.json'), config, { mode: 0o644 });
  if (trustedRoot !== undefined) await writeAtomic(join(destination, trustedRootFile), trustedRoot, { mode: 0o644 });
  if (platform === 'win32') await writeAtomic(join(destination, elevatedScriptName), elevatedScript, { mode: 0o644 });
}

/** Only apps whose repository has Sigstore identities among its keys have one. */
async function readTrustedRoot(source: string): Promise<Uint8Array | undefined> {
  const path = join(source, trustedRootFile);
  const bytes = await readFileIfExists(path).catch((error: unknown) => {
    throw new UpdateError('OPTIONS_CONFIG_INVALID', `${path} cannot be read: ${textOf(error)}.`, { cause: error });
  });
  if (bytes !== undefined) assertTrustedRoot(bytes);
  return bytes;
}

async function read(directory: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(directory, name));
  } catch (error) {
    throw new UpdateError(
      'OPTIONS_CONFIG_MISSING',
      `${join(directory, name)} cannot be read: ${textOf(error)}. Run "electron-tuf init" before you package the app.`,
      { cause: error },
    );
  }
}

function parse(name: string, bytes: Buffer): unknown {
  try {
    return parseJsonText(bytes.toString('utf8'));
  } catch (error) {
    throw new UpdateError('OPTIONS_CONFIG_INVALID', `${name} is not JSON. Run "electron-tuf init" to write it again.`, {
      cause: error,
    });
  }
}

function assertRoot(value: unknown): void {
  const parsed = v.safeParse(rootSchema, value);
  if (!parsed.success) {
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      'root.json is not TUF root metadata. Run "electron-tuf init" to fetch it again.',
    );
  }
  const { expires } = parsed.output.signed;
  if (Date.parse(expires) > Date.now()) return;
  throw new UpdateError(
    'TRUST_ROOT_INVALID',
    `root.json expired on ${expires}. Run "electron-tuf init" to fetch the current one.`,
  );
}

function assertConfig(value: unknown): void {
  const { publisher } = parseUpdateConfig(value);
  if (publisher === 'none') return;
  for (const { keyid, keyval } of publisher.keys) {
    if (keyid === keyIdOf(keyval.public)) continue;
    throw new UpdateError(
      'OPTIONS_CONFIG_INVALID',
      `The publisher key ${keyid} in update.json has the wrong key id. Run "electron-tuf init" again.`,
    );
  }
}
