import * as v from 'valibot';

import { UpdateError } from './errors.ts';
import { parseJsonText } from './json-text.ts';

/** The file beside root.json that says which Sigstore authorities and logs vouch for identities. */
export const trustedRootFile = 'trusted_root.json';

/** Sigstore identities among the keys of a root. */
export interface SigstoreRoles {
  /** Roles that list an identity. */
  readonly named: readonly string[];
  /** Of these, the ones whose threshold cannot be reached without an identity. */
  readonly needed: readonly string[];
}

const rootSchema = v.object({
  signed: v.object({
    keys: v.record(v.string(), v.looseObject({ keytype: v.optional(v.string()) })),
    roles: v.record(v.string(), v.object({ keyids: v.array(v.string()), threshold: v.number() })),
  }),
});

/** Reads root metadata that need not be verified. What is no root names nobody. */
export function sigstoreRolesOf(root: unknown): SigstoreRoles {
  const parsed = v.safeParse(rootSchema, root);
  if (!parsed.success) return { named: [], needed: [] };
  const { keys, roles } = parsed.output.signed;
  const isIdentity = (keyid: string): boolean => keys[keyid]?.keytype === 'sigstore-oidc';
  const named = Object.entries(roles).filter(([, { keyids }]) => keyids.some(isIdentity));
  const needed = named.filter(([, { keyids, threshold }]) => keyids.filter((id) => !isIdentity(id)).length < threshold);
  return { named: named.map(([name]) => name), needed: needed.map(([name]) => name) };
}

const trustedRootSchema = v.looseObject({
  mediaType: v.pipe(v.string(), v.startsWith('application/vnd.dev.sigstore.trustedroot')),
  tlogs: v.pipe(v.array(v.looseObject({})), v.minLength(1)),
  certificateAuthorities: v.pipe(v.array(v.looseObject({})), v.minLength(1)),
});

/** Bytes. More than twice as long as Sigstore's own. */
export const maxTrustedRootBytes: number = 256 * 1024;

/** @throws UpdateError `OPTIONS_CONFIG_INVALID` for what is no trusted root of Sigstore, or too long for the app */
export function assertTrustedRoot(bytes: Uint8Array): void {
  if (bytes.length <= maxTrustedRootBytes && v.safeParse(trustedRootSchema, parsedOrNothing(bytes)).success) return;
  throw new UpdateError(
    'OPTIONS_CONFIG_INVALID',
    `${trustedRootFile} is no trusted root of Sigstore. Run "electron-tuf init" with --sigstore, or with --trusted-root and the file of your own Sigstore.`,
  );
}

/** @throws UpdateError `OPTIONS_CONFIG_MISSING` if installed apps could not follow this root */
export function assertIdentitiesCanCount(root: unknown, trustedRoot: Uint8Array | undefined): void {
  const { needed } = sigstoreRolesOf(root);
  if (needed.length === 0 || trustedRoot !== undefined) return;
  throw new UpdateError(
    'OPTIONS_CONFIG_MISSING',
    `root.json needs Sigstore identities to sign ${needed.join(', ')}, and without ${trustedRootFile} none of them counts: apps would never update. Run "electron-tuf init" with --sigstore, or with --trusted-root and the file of your own Sigstore.`,
  );
}

function parsedOrNothing(bytes: Uint8Array): unknown {
  try {
    return parseJsonText(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
