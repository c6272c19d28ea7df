import { Metadata, MetadataKind, type Root } from '@tufjs/models';
import { createHash } from 'node:crypto';

import { assertRootIsSigned } from '../../main/client.ts';
import { assertIdentitiesCanCount, sigstoreRolesOf } from '../../shared/sigstore-keys.ts';
import { UpdateError } from '../../shared/errors.ts';

/** The facts that a person compares before trusting a root. */
export interface RootFacts {
  readonly version: number;
  /** ISO 8601. */
  readonly expires: string;
  /** SHA-256 of the file's bytes, lower-case hex. */
  readonly sha256: string;
  readonly roles: readonly RootRole[];
  /** Roles that list a Sigstore identity. */
  readonly sigstoreRoles: readonly string[];
}

interface RootRole {
  readonly name: string;
  readonly threshold: number;
  readonly keys: readonly { readonly keyid: string; readonly keytype: string; readonly name?: string }[];
}

const maxLabelLength = 64;

/**
 * Reads root metadata and checks that a threshold of its own root keys signed it (TUF specification, 5.3.4). That proves
 * integrity, not trust: a person must compare the facts with what the repository's owner says.
 * @param trustedRoot `trusted_root.json`, for Sigstore identities among the keys
 * @throws UpdateError `TRUST_ROOT_INVALID`, `OPTIONS_CONFIG_MISSING` if it needs a trusted root
 */
export async function inspectRoot(bytes: Uint8Array, trustedRoot?: Uint8Array): Promise<RootFacts> {
  const parsed = parsedOrNothing(bytes);
  assertIdentitiesCanCount(parsed, trustedRoot);
  const { signed } = await parseRoot(bytes, trustedRoot);
  return {
    version: signed.version,
    expires: signed.expires,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    roles: ['root', 'targets', 'snapshot', 'timestamp'].map((name) => roleOf(signed, name)),
    sigstoreRoles: sigstoreRolesOf(parsed).named,
  };
}

/** {@link parseRoot} says what is wrong with it. */
function parsedOrNothing(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function parseRoot(bytes: Uint8Array, trustedRoot: Uint8Array | undefined): Promise<Metadata<Root>> {
  try {
    const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as Parameters<typeof Metadata.fromJSON>[1];
    const root = Metadata.fromJSON(MetadataKind.Root, json);
    await assertRootIsSigned(bytes, trustedRoot);
    return root;
  } catch (error) {
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      'This is not root metadata signed by its own keys. Give the root.json (or N.root.json) of the repository.',
      { cause: error },
    );
  }
}

function roleOf(root: Root, name: string): RootRole {
  const role = root.roles[name];
  return {
    name,
    threshold: role?.threshold ?? 0,
    keys: (role?.keyIDs ?? []).map((keyid) => {
      const key = root.keys[keyid];
      const label = key?.unrecognizedFields?.['x-rstuf-key-name'] ?? key?.keyVal['identity'];
      return {
        keyid,
        keytype: key?.keyType ?? 'unknown',
        ...(typeof label === 'string' ? { name: shorten(label) } : {}),
      };
    }),
  };
}

/** A label is what a key's owner wrote. A long one could fill the screen with lines of its own. */
function shorten(label: string): string {
  const line = label.replaceAll(/\s+/g, ' ').trim();
  return line.length <= maxLabelLength ? line : `${line.slice(0, maxLabelLength)}…`;
}
