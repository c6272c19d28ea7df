import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the API got, in order. */
export interface SeenRequest {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  /** Ends the connection without an answer. */
  readonly hangUp?: boolean;
  /** Never answers. */
  readonly silent?: boolean;
}

/** A small HTTP server that answers as a test's script says, one entry a request; the last one stays. */
export interface ScriptedApi {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  [Symbol.asyncDispose](): Promise<void>;
}

export const accepted: ScriptedAnswer = { status: 202, body: { data: { task_id: 'abc' }, message: 'submitted' } };

export function task(state: string, result: unknown = null): ScriptedAnswer {
  return { body: { data: { task_id: 'abc', state, result }, message: 'Task state.' } };
}

export const done: ScriptedAnswer = task('SUCCESS', { status: true, message: 'Artifact(s) Added', details: {} });

export async function scriptApi(...script: readonly ScriptedAnswer[]): Promise<ScriptedApi> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      const answer = script[Math.min(seen.length, script.length) - 1] ?? {};
      if (answer.silent === true) return;
      if (answer.hangUp === true) {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
