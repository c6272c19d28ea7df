/** A step of a patch. It keeps unchanged bytes of the base apart from those with a difference. */
export interface PatchStep {
  /** Offset in the base. */
  readonly base: number;
  /** Number of bytes that are equal to the base's. */
  readonly copied: number;
  /** Number of bytes after them that are a byte of the base plus a difference. */
  readonly differing: number;
  /** Number of new bytes after them. */
  readonly extra: number;
}
