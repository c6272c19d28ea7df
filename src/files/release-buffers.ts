/**
 * Frees the memory of chunks that nobody needs any more, at once rather than at some later garbage collection: network
 * stacks make a new buffer for each read, and tens of megabytes of them would wait. Only buffers that a chunk fills
 * alone are freed; others may hold what somebody else still reads.
 */
export function releaseBuffers(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0) buffer.transfer(0);
  }
}
