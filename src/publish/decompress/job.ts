/** A file to rewrite without inner compression. */
export interface DecompressJob {
  readonly from: string;
  /** Written atomically; may be `from`. */
  readonly to: string;
  readonly signal?: AbortSignal;
}
