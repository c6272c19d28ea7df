import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A mirror that dies in mid-file: it sends half of `path` once, then refuses every connection. */
export async function startDyingMirror(path: string, length: number): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': length, etag: '"dying"', 'accept-ranges': 'bytes' });
    createReadStream(path, { end: Math.floor(length / 2) - 1 })
      .on('end', () => {
        server.close();
        setImmediate(() => response.destroy());
      })
      .pipe(response, { end: false });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
