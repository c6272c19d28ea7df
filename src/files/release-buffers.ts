/**
 * Frees the memory of chunks that are no longer needed at once, instead of at a later garbage collection. Network
 * stacks allocate a new buffer for each read, so tens of megabytes would accumulate. Only a buffer that a single chunk
 * fills is freed, because another reader may still use the rest of a shared one.
 */
export function releaseBuffers(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0) buffer.transfer(0);
  }
}
