import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What passes between publisher and API. */
export interface RelayedRequest {
  /** `POST /api/v1/artifacts/` */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Sends the request on; the answer goes back unless the script sends its own. */
  readonly forward: () => Promise<RelayAnswer>;
}

export interface RelayAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Stands between the publisher and the API, and may answer, delay, or do something else meanwhile. */
export interface Relay {
  readonly url: string;
  readonly lines: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Decides what happens to a request. */
export type RelayScript = (request: RelayedRequest) => Promise<RelayAnswer>;

export async function relayTo(target: string, handle: RelayScript): Promise<Relay> {
  const lines: string[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method = 'GET', url = '/', headers } = request;
    const line = `${method} ${url.replace(/\?.*/, '')}`;
    lines.push(line);
    const forward = async (): Promise<RelayAnswer> => {
      const answer = await fetch(new URL(url, target), {
        method,
        headers: {
          'content-type': 'application/json',
          ...(headers.authorization ? { authorization: headers.authorization } : {}),
        },
        ...(method === 'GET' ? {} : { body }),
      });
      return { status: answer.status, body: await answer.text() };
    };
    const answer = await handle({ line, headers, body, forward });
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error as Error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    lines,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
