/**
 * `electron-tuf doctor | head` closes the pipe before the command has said everything. That is no failure: what it still
 * says is dropped, and the command goes on to its end. Publishing must not stop because nobody reads.
 */
export function tolerateClosedPipes(streams: readonly NodeJS.WritableStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
