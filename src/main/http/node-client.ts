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
   * `environment` reads HTTPS_PROXY and NO_PROXY; an object names a proxy. Plain HTTP is used on loopback only and
   * never goes through a proxy. @defaultValue environment
   */
  readonly proxy?: 'environment' | 'none' | ProxySettings;
  /** Certificate authorities to trust in addition to Node's own, in PEM format. */
  readonly extraCa?: readonly string[];
  /** Time limit for name lookup, TCP and TLS together, in milliseconds. @defaultValue 10000 */
  readonly connectTimeoutMs?: number;
}

interface ProxySettings {
  /** `http://[user:password@]host:port`, `https://…` or `socks5://…` */
  readonly url: string;
  /** Hosts to reach directly, in the format of NO_PROXY: comma-separated names, `.suffixes`, `host:port` or `*`. */
  readonly bypass?: string;
}

/**
 * Implements the `HttpClient` port with undici for plain Node: the command line, tests and the headless plugin. Uses
 * HTTP/1.1 only. Parallel ranges help because each has its own connection, and so its own congestion window.
 * @throws UpdateError `OPTIONS_INVALID` for an unusable proxy address or certificate
 */
export function createNodeHttpClient(options: NodeHttpClientOptions = {}): HttpClient {
  const agent = createAgent(options);
  return createHttpClient(undiciExchange(agent), async () => agent.destroy());
}

function createAgent(options: NodeHttpClientOptions): Dispatcher {
  const { proxy = 'environment' } = options;
  const tls = options.extraCa === undefined ? {} : { secureContext: secureContextWith(options.extraCa) };
  try {
    return new EnvHttpProxyAgent({
      allowH2: false,
      connectTimeout: options.connectTimeoutMs ?? 10_000,
      // Our own code enforces the port's time-outs, identically for every adapter.
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
      `The proxy cannot be used: ${textOf(error)}. Set HTTPS_PROXY or the proxy option to http://host:port.`,
      { cause: error },
    );
  }
}

function explicitProxy(proxy: 'none' | ProxySettings): { readonly httpsProxy: string; readonly noProxy: string } {
  if (proxy === 'none') return { httpsProxy: '', noProxy: '' };
  return { httpsProxy: proxyAddress(proxy.url), noProxy: proxy.bypass ?? '' };
}

/** The lower-case name takes precedence, as in curl. undici reads `NO_PROXY`. */
function environmentProxy(env: NodeJS.ProcessEnv): { readonly httpsProxy?: string } {
  const address = env['https_proxy'] ?? env['HTTPS_PROXY'];
  return address === undefined || address === '' ? {} : { httpsProxy: proxyAddress(address) };
}

/** `host:port` means an HTTP proxy, as in curl. */
function proxyAddress(address: string): string {
  return /^([^/:\s]+|\[[0-9a-f:]+\]):\d{1,5}\/?$/i.test(address) ? `http://${address}` : address;
}

function secureContextWith(extra: readonly string[]): SecureContext {
  try {
    // createSecureContext ignores an invalid certificate. X509Certificate throws.
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
