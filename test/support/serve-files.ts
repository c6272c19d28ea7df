import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  /** With a slash at the end. */
  readonly url: string;
  /** The names that were asked for. */
  readonly requests: string[];
  /** Bytes of all bodies that were sent. */
  readonly bytes: () => number;
  close(): Promise<void>;
}

/** Serves files out of memory on a free loopback port; what is not there is a 404 without a body. */
export async function serveFiles(files: ReadonlyMap<string, Uint8Array>): Promise<FileServer> {
  const requests: string[] = [];
  let sent = 0;
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    requests.push(name);
    const bytes = files.get(name);
    sent += bytes?.length ?? 0;
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-length': bytes?.length ?? 0 }).end(bytes);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    bytes: () => sent,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
