/** The four kinds of metadata (spec 4.3 to 4.6). Every delegated role is of kind `targets`. */
export type MetadataKind = 'root' | 'timestamp' | 'snapshot' | 'targets';

export interface Limits {
  /** The most bytes of the file. */
  readonly bytes: number;
  /** The most members and elements of all objects and arrays together. */
  readonly entries: number;
}

/**
 * Limits on what is parsed before a signature can be checked. They are generous for every repository that RSTUF can
 * write (16,384 hash bins, about 13,000 releases per role with two hashes and `custom`), and small enough to refuse or
 * parse a file in a moment. The byte limits are at least those of python-tuf (root 512,000, timestamp 16,384, snapshot
 * 2,000,000, targets 5,000,000).
 */
export const limits: Readonly<Record<MetadataKind, Limits>> = {
  root: { bytes: 512_000, entries: 8_192 },
  timestamp: { bytes: 16_384, entries: 256 },
  snapshot: { bytes: 4_000_000, entries: 120_000 },
  targets: { bytes: 8_000_000, entries: 300_000 },
};

/** The deepest nesting of objects and arrays. Metadata needs eight levels; `custom` may nest further. */
export const maxDepth = 32;

/** The most signatures of a file, and the most keys of a role. */
export const maxKeys = 64;

/**
 * The most bytes of all delegated roles that one walk loads and that a store keeps. A hundred thousand targets in 16
 * bins need 51 million. A thief of the online key can sign any number of roles.
 */
export const maxRoleBytes = 64_000_000;

/** The most roots that one refresh fetches (spec 5.3.2). Roots in the store do not count. */
export const maxRotations = 1024;

/** The most characters of all path patterns of one role. Each pattern is compared with the requested path. */
export const maxPatternLength = 65_536;

/** The most delegated roles that the search for one target visits (spec 5.6.7.1). */
export const maxVisitedRoles = 64;
