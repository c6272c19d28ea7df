import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

import { type Dispatcher, EnvHttpProxyAgent } from 'undici';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { HttpClient } from '../ports.ts';
import { createHttpClient, type Exchange, flattenHeaders } from './exchange.ts';
import type { Stage } from './failure.ts';
import { nodeFailure } from './node-errors.ts';
import { proxyClient } from './proxy-client.ts';

export interface NodeHttpClientOptions {
  /**
   * `environment` reads HTTPS_PROXY and NO_PROXY; an object names a proxy. Plain HTTP exists on loopback only and is
   * never proxied. @defaultValue environment
   */
  readonly proxy?: 'environment' | 'none' | ProxySettings;
  /** Certificate authorities trusted besides Node's own, as PEM. */
  readonly extraCa?: readonly string[];
  /** Milliseconds for name look-up, TCP and TLS. @defaultValue 10000 */
  readonly connectTimeoutMs?: number;
}

interface ProxySettings {
  /** `http://[user:password@]host:port`, `https://…` or `socks5://…` */
  readonly url: string;
  /** Hosts that are reached directly, in NO_PROXY's form: comma-separated names, `.suffixes`, `host:port` or `*`. */
  readonly bypass?: string;
}

/**
 * The `HttpClient` port over undici, for plain Node: the command line, tests and the headless plugin.
 * HTTP/1.1 only: parallel ranges are worth having because each has a connection, and so a congestion window, of its own.
 * @throws UpdateError `OPTIONS_INVALID` for a proxy address or certificate that cannot be used
 */
export function createNodeHttpClient(options: NodeHttpClientOptions = {}): HttpClient {
  const agent = createAgent(options);
  return createHttpClient(undiciExchange(agent), async () => agent.destroy());
}

function createAgent(options: NodeHttpClientOptions): Dispatcher {
  const { proxy = 'environment' } = options;
  const tls = options.extraCa === undefined ? {} : { secureContext: trusting(options.extraCa) };
  try {
    return new EnvHttpProxyAgent({
      allowH2: false,
      connectTimeout: options.connectTimeoutMs ?? 10_000,
      // The time-outs of the port are kept by our own code, the same for every adapter.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: tls,
      clientFactory: proxyClient,
      requestTls: tls,
      proxyTls: tls,
      httpProxy: '',
      ...(proxy === 'environment' ? environmentProxy(process.env) : explicitProxy(proxy)),
    });
  } catch (error) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `The proxy cannot be used: ${textOf(error)}. Give HTTPS_PROXY or the proxy option as http://host:port.`,
      { cause: error },
    );
  }
}

function explicitProxy(proxy: 'none' | ProxySettings): { readonly httpsProxy: string; readonly noProxy: string } {
  if (proxy === 'none') return { httpsProxy: '', noProxy: '' };
  return { httpsProxy: proxyAddress(proxy.url), noProxy: proxy.bypass ?? '' };
}

/** The lower-case name comes first, as for curl. `NO_PROXY` is read by undici. */
function environmentProxy(env: NodeJS.ProcessEnv): { readonly httpsProxy?: string } {
  const address = env['https_proxy'] ?? env['HTTPS_PROXY'];
  return address === undefined || address === '' ? {} : { httpsProxy: proxyAddress(address) };
}

/** `host:port` is an HTTP proxy, as for curl. */
function proxyAddress(address: string): string {
  return /^([^/:\s]+|\[[0-9a-f:]+\]):\d{1,5}\/?$/i.test(address) ? `http://${address}` : address;
}

function trusting(extra: readonly string[]): SecureContext {
  try {
    // createSecureContext passes over what is no certificate; its reader does not.
    for (const pem of extra) void new X509Certificate(pem);
    return createSecureContext({ ca: [...getCACertificates('default'), ...extra] });
  } catch (error) {
    throw new UpdateError('OPTIONS_INVALID', `An extra certificate authority is not valid PEM: ${textOf(error)}.`, {
      cause: error,
    });
  }
}

function undiciExchange(agent: Dispatcher): Exchange {
  return ({ url, headers }, receiver) => {
    let controller: Dispatcher.DispatchController | undefined;
    let stage: Stage = 'head';
    let closed = false;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        if (closed) started.abort(new Error('closed'));
      },
      onResponseStart(_controller, status, incoming) {
        if (status < 200) return;
        stage = 'body';
        receiver.head(status, flattenHeaders(incoming));
      },
      onResponseData: (_controller, chunk) => receiver.data(chunk),
      onResponseEnd: () => receiver.end(),
      onResponseError(_controller, error) {
        if (!closed) receiver.fail(nodeFailure(error, url.host, stage));
      },
    };
    queueMicrotask(() => {
      agent.dispatch({ origin: url.origin, path: `${url.pathname}${url.search}`, method: 'GET', headers }, handler);
    });
    return {
      pause: () => controller?.pause(),
      resume: () => controller?.resume(),
      close() {
        closed = true;
        controller?.abort(new Error('closed'));
      },
    };
  };
}
