/** The four kinds of metadata (spec 4.3 to 4.6); every delegated role is of the kind `targets`. */
export type MetadataKind = 'root' | 'timestamp' | 'snapshot' | 'targets';

export interface Limits {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Members and elements of all its objects and arrays together. */
  readonly entries: number;
}

/**
 * What is read at all, before a signature could be checked. Generous for every repository that RSTUF can write (16,384
 * hash bins, some 13,000 releases a role with two hashes and `custom`), and small enough to be refused or parsed in a
 * moment. Bytes: at least what python-tuf reads (root 512,000, timestamp 16,384, snapshot 2,000,000, targets 5,000,000).
 */
export const limits: Readonly<Record<MetadataKind, Limits>> = {
  root: { bytes: 512_000, entries: 8_192 },
  timestamp: { bytes: 16_384, entries: 256 },
  snapshot: { bytes: 4_000_000, entries: 120_000 },
  targets: { bytes: 8_000_000, entries: 300_000 },
};

/** Objects and arrays within each other. Metadata needs eight; `custom` may nest too. */
export const maxDepth = 32;

/** Signatures of a file, and keys of a role. */
export const maxKeys = 64;

/**
 * Bytes of all delegated roles that one walk loads, and that a store keeps. A hundred thousand targets in 16 bins have 51
 * million; whoever holds the online key can sign as many roles as they like.
 */
export const maxRoleBytes = 64_000_000;

/** Roots that are newly fetched in one refresh (spec 5.3.2); those in the store do not count. */
export const maxRotations = 1024;

/** Characters of all path patterns of one role: each is compared with the path that is looked for. */
export const maxPatternLength = 65_536;

/** Delegated roles that are visited for one target (spec 5.6.7.1). */
export const maxVisitedRoles = 64;
