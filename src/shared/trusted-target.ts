declare const minted: unique symbol;

/** The hashes of a target that this product verifies, lower-case hex. There is at least one. */
export interface TargetHashes {
  readonly sha256?: string;
  readonly sha512?: string;
}

/**
 * A target path with its length and hashes from verified TUF metadata. Only `main/trust` can create one. Download and staging
 * accept nothing else, so unverified files cannot be expressed.
 */
export interface TrustedTarget {
  readonly [minted]: true;
  /** The target path as signed. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  readonly hashes: TargetHashes;
  /** The signed `custom` object, or an empty one. It has no prototype. */
  readonly custom: Readonly<Record<string, unknown>>;
  /** Locations of the bytes relative to the targets URL, in the order to try. Percent-encoded if needed. */
  readonly locations: readonly string[];
}

/** The hash to check: SHA-256 if it is listed, because processors have instructions for it. */
export function checkedHash({ sha256, sha512 }: TargetHashes): {
  readonly name: 'sha256' | 'sha512';
  readonly hex: string;
} {
  return sha256 === undefined ? { name: 'sha512', hex: sha512 ?? '' } : { name: 'sha256', hex: sha256 };
}
