import type { Readable } from 'node:stream';

import { type ClientRequest, type IncomingMessage, net, type Session, session } from 'electron';

import { UpdateError } from '../../shared/errors.ts';
import type { Connection } from '../http/body.ts';
import { createHttpClient, type Exchange, type Receiver } from '../http/exchange.ts';
import type { HttpClient } from '../ports.ts';
import { netFailure } from './net-errors.ts';

export interface ElectronHttpClientOptions {
  /**
   * Called once with the updater's own in-memory session, before its first request: copy the app's proxy settings and
   * certificate policy here. @defaultValue the system's proxy and certificates
   */
  readonly configureSession?: (session: Session) => void | Promise<void>;
}

/** Not persisted (no `persist:` prefix): no cookies, no cache, nothing shared with the app's windows. */
const partition = 'electron-tuf-updater';

/**
 * The `HttpClient` port over Chromium's network stack: system proxies, PAC files, client certificates and private CAs
 * work as they do in the app's windows. To be used after `app.whenReady()`.
 */
export function createElectronHttpClient(options: ElectronHttpClientOptions = {}): HttpClient {
  let configured: Promise<Session> | undefined;

  async function configure(): Promise<Session> {
    const own = session.fromPartition(partition, { cache: false });
    await options.configureSession?.(own);
    return own;
  }

  const exchange: Exchange = ({ url, headers }, receiver) => {
    let request: ClientRequest | undefined;
    let response: Readable | undefined;
    let closed = false;
    const open = async (): Promise<void> => {
      configured ??= configure();
      const own = await configured;
      if (closed) return;
      request = net.request({
        method: 'GET',
        url: url.href,
        session: own,
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'manual',
      });
      for (const [name, value] of Object.entries(headers)) request.setHeader(name, value);
      listen(request, url.host, receiver, (incoming) => {
        response = incoming;
      });
      request.end();
    };
    open().catch((error: unknown) => receiver.fail(netFailure(error, url.host, 'head')));
    const connection: Connection = {
      pause: () => void response?.pause(),
      resume: () => void response?.resume(),
      close() {
        closed = true;
        request?.abort();
      },
    };
    return connection;
  };
  return createHttpClient(exchange, () => Promise.resolve());
}

function listen(request: ClientRequest, host: string, receiver: Receiver, onResponse: (body: Readable) => void): void {
  // Not followed here: our own rules look at each hop. An unfollowed redirect ends the request.
  request.on('redirect', (status, _method, location, headers) => {
    receiver.head(status, { ...flatten(headers), location });
    receiver.end();
  });
  request.on('error', (error) => receiver.fail(netFailure(error, host, 'head')));
  // The proxy's password is the session's business (`app.on('login')`); without one the request fails as 407.
  request.on('response', (incoming: IncomingMessage) => {
    // Electron's documentation: an IncomingMessage is a Readable stream; its type only says EventEmitter.
    const body = incoming as unknown as Readable;
    onResponse(body);
    receiver.head(incoming.statusCode, flatten(incoming.headers));
    body.on('data', (chunk: Buffer) => receiver.data(chunk));
    body.on('end', () => receiver.end());
    body.on('aborted', () => receiver.fail(brokenOff(host)));
    body.on('error', (error: Error) => receiver.fail(netFailure(error, host, 'body')));
  });
}

function flatten(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    typeof value === 'string' ? value : value.join(', '),
  ]);
  return Object.fromEntries(entries);
}

function brokenOff(host: string): UpdateError {
  return new UpdateError('DOWNLOAD_TRUNCATED', `${host} broke the connection off. Try again.`);
}
