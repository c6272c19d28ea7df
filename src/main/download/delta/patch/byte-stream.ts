/** Bytes that are read forwards, of which a few are in memory. */
export interface ByteStream {
  /** What is there without waiting. */
  readonly buffered: Uint8Array;
  /** Waits until something is buffered. @throws UpdateError `DOWNLOAD_PATCH_INVALID` when nothing more comes */
  fill(): Promise<void>;
  /** Drops the first bytes of what is buffered. */
  skip(count: number): void;
  close(): void;
}
