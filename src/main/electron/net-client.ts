import type { Readable } from 'node:stream';

import { app, type AuthInfo, type IncomingMessage, net, type Session } from 'electron';

import { createHttpClient, type Exchange, flattenHeaders } from '../http/exchange.ts';
import type { Stage } from '../http/failure.ts';
import type { HttpClient } from '../ports.ts';
import { netFailure } from './net-errors.ts';
import { updaterSession } from './updater-session.ts';

/** Answers a proxy that asks for credentials. Call `answer` once. Without a user name, the request fails. */
export type ProxyLogin = (proxy: AuthInfo, answer: (username?: string, password?: string) => void) => void;

export interface ElectronHttpClientOptions {
  /**
   * Called once with the updater's own in-memory session, before its first request, to set the app's proxy and
   * certificate policy (`setProxy`, `setCertificateVerifyProc`). @defaultValue the system's proxy and certificates
   */
  readonly configureSession?: (session: Session) => void | Promise<void>;
  /** @defaultValue declines */
  readonly onProxyLogin?: ProxyLogin;
}

/**
 * Creates an `HttpClient` over Chromium's network stack. System proxies, PAC files, client certificates and private CAs
 * work as in the app's windows. The first request waits until the app is ready.
 */
export function createElectronHttpClient(options: ElectronHttpClientOptions = {}): HttpClient {
  let opening: Promise<HttpClient> | undefined;
  const open = async (): Promise<HttpClient> => {
    await app.whenReady();
    const session = updaterSession();
    await options.configureSession?.(session);
    return createHttpClient(netExchange(session, options.onProxyLogin), async () => session.closeAllConnections());
  };
  return {
    async get(url, request) {
      opening ??= open();
      return (await opening).get(url, request);
    },
    async close() {
      await (await opening)?.close();
    },
  };
}

/**
 * Makes one request with `net`. Chromium reports redirects and does not follow them, because our rules check each hop.
 */
function netExchange(session: Session, onProxyLogin?: ProxyLogin): Exchange {
  return ({ url, headers }, receiver) => {
    let stage: Stage = 'head';
    let body: Readable | undefined;
    let closed = false;
    const request = net.request({
      url: url.href,
      session,
      // Chromium always sends this header, by default with the languages of the system. It needs a neutral value.
      headers: { 'accept-language': '*', ...headers },
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    });
    const close = (): void => {
      closed = true;
      request.abort();
    };
    const fail = (error: unknown): void => {
      if (!closed) receiver.fail(netFailure(error, url.host, stage));
    };
    request.on('error', fail);
    if (onProxyLogin !== undefined) {
      // Only proxies get credentials. Update servers get the app's `requestHeaders`.
      request.on('login', (auth, answer) => (auth.isProxy ? onProxyLogin(auth, answer) : answer()));
    }
    request.on('redirect', (status, _method, location) => {
      receiver.head(status, { location });
      receiver.end();
      close();
    });
    request.on('response', (incoming) => {
      stage = 'body';
      body = streamOf(incoming);
      receiver.head(incoming.statusCode, flattenHeaders(incoming.headers));
      body.on('data', (chunk: Buffer) => receiver.data(chunk));
      body.on('end', () => receiver.end());
      body.on('error', fail);
      incoming.on('aborted', () => fail(new Error('The connection was aborted')));
    });
    request.end();
    return { pause: () => void body?.pause(), resume: () => void body?.resume(), close };
  };
}

/** Electron's docs say that IncomingMessage implements Readable. Its type does not. */
function streamOf(incoming: IncomingMessage): Readable {
  return incoming as unknown as Readable;
}
