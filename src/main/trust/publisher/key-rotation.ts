import { goodSigners, type OpenEnvelope } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../../shared/release-index.ts';
import { openEnvelope } from './envelope.ts';
import { parsePayload } from './payload.ts';
import type { WriteThroughStore } from '../write-through-store.ts';

/** The name of the envelope that proves which key set of an app follows revision `revision`. */
function proofName(app: string, revision: number): string {
  return `keys-${app}-after-${revision}.json`;
}

/** True if this is the name of an envelope that proves a key set. */
export function isProofName(name: string): boolean {
  return name.startsWith('keys-');
}

/**
 * The key set that verifies an app. Starts from the embedded set and follows the newer sets that stored envelopes prove.
 * Each set verifies the proof of the next one, as in the root chain (TUF spec 5.3). The store itself is never trusted: a
 * tampered proof is ignored. An app that embeds another set starts a new chain. A proof counts only for the app that its
 * index names, so that an app given to another publisher keeps its own keys and changes no other app's keys.
 */
export async function currentKeySet(
  app: string,
  embedded: PublisherKeySet,
  memory: WriteThroughStore,
): Promise<PublisherKeySet> {
  let current = embedded;
  for (;;) {
    const proofs = await memory.read(proofName(app, current.revision));
    const next = proofs.map((bytes) => provenBy(bytes, app, current)).find((set) => set !== undefined);
    if (next === undefined) return current;
    current = next;
  }
}

/**
 * The key set that an index introduces, if it is newer and a threshold of both sets signed the index (as TUF spec 5.3.4
 * requires for a new root). This proves that the old set agrees and that the new set can sign.
 */
export function successorOf(
  current: PublisherKeySet,
  envelope: OpenEnvelope,
  index: ReleaseIndex,
): PublisherKeySet | undefined {
  const next = index.publisher;
  if (next === undefined || next.revision <= current.revision) return undefined;
  const agreed = [current, next].every((set) => goodSigners(envelope, set).length >= set.threshold);
  return agreed ? next : undefined;
}

/** Stores the envelope that proves the set after `current`. */
export async function storeRotationProof(
  app: string,
  current: PublisherKeySet,
  envelope: Uint8Array,
  memory: WriteThroughStore,
): Promise<void> {
  await memory.write(proofName(app, current.revision), envelope);
}

function provenBy(bytes: Uint8Array, app: string, current: PublisherKeySet): PublisherKeySet | undefined {
  try {
    const envelope = openEnvelope(bytes);
    if (goodSigners(envelope, current).length < current.threshold) return undefined;
    const index = parsePayload(envelope.payload);
    return index.app === app ? successorOf(current, envelope, index) : undefined;
  } catch (error) {
    if (error instanceof UpdateError) return undefined;
    throw error;
  }
}
