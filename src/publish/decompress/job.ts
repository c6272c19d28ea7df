/** One file of a build that is written again without compression inside. */
export interface DecompressJob {
  readonly from: string;
  /** Written atomically; may be `from`. */
  readonly to: string;
  readonly signal?: AbortSignal;
}
