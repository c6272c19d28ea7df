/** Bytes that are read sequentially, a few at a time in memory. */
export interface ByteStream {
  /** The bytes that are available without waiting. */
  readonly buffered: Uint8Array;
  /** Waits until bytes are buffered. @throws UpdateError `DOWNLOAD_PATCH_INVALID` at the end of the stream */
  fill(): Promise<void>;
  /** Removes the first `count` bytes from the buffer. */
  skip(count: number): void;
  close(): void;
}
