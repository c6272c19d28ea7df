declare const minted: unique symbol;

/** The hashes of a target that this product verifies; at least one is there. Lower-case hex. */
export interface TargetHashes {
  readonly sha256?: string;
  readonly sha512?: string;
}

/**
 * A target path with the length and hashes that verified TUF metadata gives it. Only `main/trust` can make one; it is
 * the sole input of download and staging, so what was not verified cannot be expressed.
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
  /** Where the bytes are, relative to the targets URL, in the order to try; percent-encoded where needed. */
  readonly locations: readonly string[];
}

/** The hash that is checked: SHA-256 where it is listed, since processors have instructions for it. */
export function checkedHash({ sha256, sha512 }: TargetHashes): {
  readonly name: 'sha256' | 'sha512';
  readonly hex: string;
} {
  return sha256 === undefined ? { name: 'sha512', hex: sha512 ?? '' } : { name: 'sha256', hex: sha256 };
}
