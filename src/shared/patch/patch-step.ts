/** A step as a patch has it: bytes that are the base's as they are stand apart from those with a difference. */
export interface PatchStep {
  /** Offset in the base. */
  readonly base: number;
  /** Bytes that are the base's. */
  readonly copied: number;
  /** Bytes behind them that are the base's plus a difference. */
  readonly differing: number;
  /** Bytes that are new, behind them. */
  readonly extra: number;
}
