import type { OutgoingHttpHeaders } from 'node:http';

import { UpdateError } from '../../shared/errors.ts';
import type { HttpClient } from '../ports.ts';

/** Headers that an app sends to its own servers, or a function that is called before each request. */
export type RequestHeaders = OutgoingHttpHeaders | (() => OutgoingHttpHeaders);

/** Headers that only the client sets. With other values, ranges, lengths or connections would be misread. */
const reserved: ReadonlySet<string> = new Set(
  (
    'accept-encoding range if-range if-match if-none-match if-modified-since if-unmodified-since host connection ' +
    'keep-alive te trailer transfer-encoding upgrade expect content-length proxy-authorization proxy-connection'
  ).split(' '),
);
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const text = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * An `HttpClient` that adds an app's headers to requests for the given addresses only. So a token for the app's servers
 * does not reach an administrator's mirror, and no redirect carries it elsewhere.
 */
export function withOwnHeaders(http: HttpClient, addresses: readonly string[], headers: RequestHeaders): HttpClient {
  const origins = new Set(addresses.map((address) => new URL(address).origin));
  return {
    async get(url, options) {
      if (!URL.canParse(url) || !origins.has(new URL(url).origin)) return http.get(url, options);
      const own = checkHeaders(typeof headers === 'function' ? headers() : headers);
      return http.get(url, { ...options, headers: { ...own, ...options.headers } });
    },
    close: async () => http.close(),
  };
}

/** The headers as text, without absent ones. @throws UpdateError `OPTIONS_INVALID` that names the invalid header */
export function checkHeaders(headers: OutgoingHttpHeaders): Readonly<Record<string, string>> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || value === null) continue;
    const line = Array.isArray(value) ? value.join(', ') : String(value);
    const lower = name.toLowerCase();
    if (reserved.has(lower)) throw invalid(name, 'is set by the updater itself');
    // The value may be a secret, so the message does not repeat it.
    if (!token.test(name) || !text.test(line)) throw invalid(name, 'has characters that no header may have');
    checked[lower] = line;
  }
  return checked;
}

function invalid(name: string, why: string): UpdateError {
  return new UpdateError('OPTIONS_INVALID', `The request header ${JSON.stringify(name)} ${why}. Leave it out.`);
}
