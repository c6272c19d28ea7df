import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { systemCode } from '../../src/shared/errors.ts';

export interface WebServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** The paths that were asked for. */
  readonly requests: string[];
  /** Answers instead of the directory, when set; resolves `false` to leave it to the directory. */
  answer: ((path: string, response: ServerResponse) => Promise<boolean>) | undefined;
  close(): Promise<void>;
}

/** Serves a directory on a free loopback port, as plainly as a web server can. */
export async function serveDirectory(directory: string): Promise<WebServer> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/');
    web.requests.push(path);
    respond(path, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const respond = async (path: string, response: ServerResponse): Promise<void> => {
    if ((await web.answer?.(path, response)) === true) return;
    const bytes = await readOrNothing(join(directory, path));
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-length': bytes?.length ?? 0 });
    response.end(bytes);
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const web: WebServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answer: undefined,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return web;
}

async function readOrNothing(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'EISDIR') return undefined;
    throw error;
  }
}
