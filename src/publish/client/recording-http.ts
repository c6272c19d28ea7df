import type { HttpClient } from '../../main/ports.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';

/** Ends the recording. Returns the responses by their names in a bundle: `metadata/…` and `targets/…`. */
export type Recorded = () => ReadonlyMap<string, Uint8Array>;

/** Wraps an HTTP client to keep every complete response in memory. For small files only. */
export function recordingHttp(
  inner: HttpClient,
  { metadataUrl, targetsUrls }: Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls'>,
): { readonly http: HttpClient; readonly recorded: Recorded } {
  let recordingEnded = false;
  const answers = new Map<string, Uint8Array>();
  const places = [['metadata/', metadataUrl] as const, ...targetsUrls.map((url) => ['targets/', url] as const)];

  function nameOf(url: string): string | undefined {
    for (const [place, base] of places) {
      const directory = base.endsWith('/') ? base : `${base}/`;
      if (url.startsWith(directory)) return place + decodeURIComponent(url.slice(directory.length).split('?')[0] ?? '');
    }
    return undefined;
  }

  async function* recording(name: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) {
      pieces.push(piece);
      yield piece;
    }
    answers.set(name, Buffer.concat(pieces));
  }

  const http: HttpClient = {
    async get(url, options) {
      const response = await inner.get(url, options);
      const name = nameOf(url);
      if (response.status !== 200 || name === undefined || recordingEnded) return response;
      return { ...response, body: recording(name, response.body), cancel: () => response.cancel() };
    },
    close: async () => inner.close(),
  };
  return {
    http,
    recorded() {
      recordingEnded = true;
      return answers;
    },
  };
}
