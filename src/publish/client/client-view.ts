import type { ReleaseQuery, RememberedIndex } from '../../main/ports.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';

/** The repository as an installed app sees it: verified metadata, and bytes from the content server. */
export interface ClientView {
  /** Takes in what was signed since. @throws UpdateError with a `TRUST_…` code */
  refresh(): Promise<void>;
  /** What is signed for a path, or `undefined` when no role lists it. */
  target(path: string): Promise<TrustedTarget | undefined>;
  /** The verified index, or `undefined` when there is none yet. */
  releaseIndex(query: ReleaseQuery): Promise<ReleaseIndex | undefined>;
  /** The newest index that this machine has seen and verified, and its signed bytes. */
  rememberedIndex(query: ReleaseQuery): Promise<RememberedIndex | undefined>;
  /** Asks the first content server for a file. @throws UpdateError when it does not have it in the right length */
  assertServed(file: Pick<TrustedTarget, 'path' | 'length' | 'locations'>): Promise<void>;
  close(): Promise<void>;
}
