import { createHash } from 'node:crypto';

import * as v from 'valibot';

import { parseJsonText } from '../../../shared/json-text.ts';
import { maxTrustedRootBytes } from '../../../shared/sigstore-keys.ts';
import { textOf } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';
import { type MessageBundle, messageBundleSchema } from './bundle-schema.ts';
import { type Extension, type Identity, namesIdentity } from './certificate-names.ts';
import type { BundleVerifier } from './verify-bundle.ts';

/** A signature in metadata. */
interface IdentitySignature {
  /** The same signature as in the bundle. securesystemslib wrote it as hex in older metadata, as base64 in newer. */
  readonly sig: string;
  /** The Sigstore bundle, not yet validated. */
  readonly bundle: unknown;
}

/** Verifies signatures of Sigstore identities. */
export interface IdentityVerifier {
  /** Whether this person or workflow signed these bytes. */
  isSignedBy(who: Identity, signature: IdentitySignature, bytes: Uint8Array): Promise<boolean>;
}

/**
 * @param readTrustedRoot returns the bytes of `trusted_root.json`, or `undefined` if the app embeds none. The verifier calls
 * it at the first Sigstore signature, when it also loads the code that verifies.
 */
export function createIdentityVerifier(
  readTrustedRoot: () => Promise<Uint8Array | undefined>,
  logger: Logger,
): IdentityVerifier {
  let loading: Promise<BundleVerifier | undefined> | undefined;
  const verified = new Map<string, readonly Extension[]>();
  const verify = (verifier: BundleVerifier, bundle: MessageBundle, bytes: Uint8Array): readonly Extension[] => {
    const key = digestOf(bundle, bytes);
    const extensions = verified.get(key) ?? verifier.verifyMessage(bundle, bytes);
    verified.set(key, extensions);
    const [oldest] = verified.keys();
    if (verified.size > maxRemembered && oldest !== undefined) verified.delete(oldest);
    return extensions;
  };
  return {
    async isSignedBy(who, { sig, bundle }, bytes) {
      const parsed = v.safeParse(messageBundleSchema, bundle);
      if (!parsed.success || !isText(sig, parsed.output.messageSignature.signature)) return false;
      const verifier = await (loading ??= load(readTrustedRoot, logger));
      if (verifier === undefined) return false;
      try {
        return namesIdentity(verify(verifier, parsed.output, bytes), who);
      } catch (error) {
        logger.debug(`a Sigstore signature by ${who.identity.slice(0, 200)} does not verify: ${textOf(error)}`);
        return false;
      }
    },
  };
}

/**
 * The largest number of verified bundles in memory. A client verifies a root twice, with the keys of the previous root and
 * with its own, and verifies all stored metadata again at each check. The result depends on the bundle and the trusted root
 * alone, never on time.
 */
const maxRemembered = 512;

function digestOf(bundle: MessageBundle, bytes: Uint8Array): string {
  return createHash('sha256').update(JSON.stringify(bundle)).update('\n').update(bytes).digest('base64');
}

function isText(sig: string, signature: string): boolean {
  return sig === signature || sig.toLowerCase() === Buffer.from(signature, 'base64').toString('hex');
}

/** Without a trusted root, no identity counts. The app keeps working but may get no updates. */
async function load(
  readTrustedRoot: () => Promise<Uint8Array | undefined>,
  logger: Logger,
): Promise<BundleVerifier | undefined> {
  const bytes = await readTrustedRoot();
  if (bytes === undefined || bytes.length > maxTrustedRootBytes) {
    logger.warn(
      'metadata is signed by a Sigstore identity, but this app embeds no usable trusted_root.json: the signature does not count. Run "electron-tuf init" with --sigstore, and release the app again',
    );
    return undefined;
  }
  try {
    const { createBundleVerifier } = await import('./verify-bundle.ts');
    return createBundleVerifier(parseJsonText(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    logger.warn(`trusted_root.json cannot be used: ${textOf(error)}. No Sigstore signature counts`);
    return undefined;
  }
}
