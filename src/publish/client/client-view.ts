import type { ReleaseQuery, RememberedIndex, TargetListing } from '../../main/ports.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';

/** The repository as an installed app sees it: verified metadata, and bytes from the content server. */
export interface ClientView {
  /** Takes in what was signed since. @throws UpdateError with a `TRUST_…` code */
  refresh(): Promise<void>;
  /**
   * What is signed for a path, or `undefined` when no role lists it. The role may have expired, as RSTUF's new ones have from
   * the first moment: publishing to it is what renews it.
   */
  target(path: string): Promise<TrustedTarget | undefined>;
  /** The same as an installed app gets it: from a role that has not expired. @throws UpdateError `TRUST_EXPIRED` */
  visibleTarget(path: string): Promise<TrustedTarget | undefined>;
  /** Whether a delegated role may list a path. */
  isCovered(path: string): Promise<boolean>;
  /**
   * What the role that lists a path has said of it, version by version, newest first, as of the last refresh. Ends early
   * where the repository does not have an older version any more.
   */
  history(path: string): AsyncIterable<TargetListing>;
  /**
   * The index for a query as an app takes it: verified, not older than one seen before, and remembered. `undefined` when
   * there is none yet.
   */
  releaseIndex(query: ReleaseQuery): Promise<ReleaseIndex | undefined>;
  /** The bytes of a listed index, from the content server unless this machine has them. @throws UpdateError */
  readIndex(query: ReleaseQuery, listed: TrustedTarget): Promise<Uint8Array>;
  /** Verifies an index by the publisher's keys; it is not remembered. @throws UpdateError with a `TRUST_…` code */
  verifyIndex(query: ReleaseQuery, bytes: Uint8Array): Promise<ReleaseIndex>;
  /** The newest index that this machine has seen and verified, and its signed bytes. */
  rememberedIndex(query: ReleaseQuery): Promise<RememberedIndex | undefined>;
  /** Asks the first content server for a file. @throws UpdateError when it does not have it in the right length */
  assertServed(file: Pick<TrustedTarget, 'path' | 'length' | 'locations'>): Promise<void>;
  close(): Promise<void>;
}
