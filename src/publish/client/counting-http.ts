import type { HttpClient } from '../../main/ports.ts';

/** Network traffic. */
export interface Traffic {
  requests: number;
  /** Body bytes. */
  bytes: number;
}

/** Wraps an HTTP client to count what it fetches, metadata and content alike. */
export function countingHttp(inner: HttpClient): { readonly http: HttpClient; readonly traffic: Readonly<Traffic> } {
  const traffic: Traffic = { requests: 0, bytes: 0 };
  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      traffic.bytes += chunk.length;
      yield chunk;
    }
  }
  const http: HttpClient = {
    async get(url, options) {
      traffic.requests += 1;
      const response = await inner.get(url, options);
      traffic.requests += response.redirects.length;
      return { ...response, body: counted(response.body), cancel: () => response.cancel() };
    },
    close: async () => inner.close(),
  };
  return { http, traffic };
}
