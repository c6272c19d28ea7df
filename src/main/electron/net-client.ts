import type { Readable } from 'node:stream';

import { app, type AuthInfo, type IncomingMessage, net, type Session } from 'electron';

import { createHttpClient, type Exchange, flattenHeaders } from '../http/exchange.ts';
import type { Stage } from '../http/failure.ts';
import type { HttpClient } from '../ports.ts';
import { netFailure } from './net-errors.ts';
import { updaterSession } from './updater-session.ts';

/** Answers a proxy that asks for credentials. Call `answer` once; without a name the request fails. */
export type ProxyLogin = (proxy: AuthInfo, answer: (username?: string, password?: string) => void) => void;

export interface ElectronHttpClientOptions {
  /**
   * Called once with the updater's own in-memory session, before its first request: copy the app's proxy settings and
   * certificate policy here (`setProxy`, `setCertificateVerifyProc`). @defaultValue the system's proxy and certificates
   */
  readonly configureSession?: (session: Session) => void | Promise<void>;
  /** @defaultValue declines */
  readonly onProxyLogin?: ProxyLogin;
}

/**
 * The `HttpClient` port over Chromium's network stack: system proxies, PAC files, client certificates and private CAs
 * work as they do in the app's windows. The first request waits for the app to be ready.
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

/** One request of `net`. Redirects are reported, never followed by Chromium: each hop has to meet our own rules. */
function netExchange(session: Session, onProxyLogin?: ProxyLogin): Exchange {
  return ({ url, headers }, receiver) => {
    let stage: Stage = 'head';
    let body: Readable | undefined;
    let closed = false;
    const request = net.request({
      url: url.href,
      session,
      // Chromium would send the languages of the system. The value must be one: it cannot be left out.
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
      // Credentials are for proxies: a server of updates gets `requestHeaders`, if anything.
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

/** "IncomingMessage implements the Readable Stream interface", say Electron's docs; its type does not. */
function streamOf(incoming: IncomingMessage): Readable {
  return incoming as unknown as Readable;
}
