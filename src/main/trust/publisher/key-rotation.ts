import { goodSigners, type OpenEnvelope } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { PublisherKeySet } from '../../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../../shared/release-index.ts';
import { openEnvelope } from './envelope.ts';
import { parsePayload } from './payload.ts';
import type { WriteThroughStore } from '../write-through-store.ts';

/** The name of the envelope that proves which key set of an app follows the one with `revision`. */
function proofName(app: string, revision: number): string {
  return `keys-${app}-after-${revision}.json`;
}

/** Is this the name of an envelope that proves a key set? */
export function isProofName(name: string): boolean {
  return name.startsWith('keys-');
}

/**
 * The key set to verify an app with: the embedded one, followed by the newer ones that stored envelopes prove. Each proof is
 * verified again by the set before it, as the root chain is (TUF spec 5.3). Adopted sets are never believed as such, so
 * a tampered store can only be ignored, and an embedded set that the chain does not start from starts a new one. An app
 * that is handed to another publisher takes its own keys along, and not those of the publisher's other apps: a proof
 * counts for the app that its index names.
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
 * The key set that an index hands on, if it is newer and signed by a threshold of both sets (as TUF spec 5.3.4 asks of a
 * new root): then the old set agrees, and the new one is known to work.
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

/** Keeps the envelope that proves the set after `current`. */
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
