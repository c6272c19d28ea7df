type Handler = (request: Request) => Response | Promise<Response>;

const schemes = new Set<string>();
const handlers = new Map<string, Handler>();

/**
 * Schemes of the app's own. Chromium does not know them here: `app://notes/x` is shown at `http://notes.app.localhost/x`,
 * whose requests the handler answers. The main process sees the app's own address; the page sees the other one.
 */
export const protocol = {
  registerSchemesAsPrivileged(list: readonly { readonly scheme: string }[]): void {
    for (const { scheme } of list) schemes.add(scheme);
  },
  handle(scheme: string, handler: Handler): void {
    if (handlers.has(scheme)) throw new Error('Failed to register protocol: the scheme has been registered');
    handlers.set(scheme, handler);
  },
  unhandle: (scheme: string): void => void handlers.delete(scheme),
  isProtocolHandled: (scheme: string): boolean => handlers.has(scheme),
};

/** The address at which the page is shown. */
export function pageAddress(url: string): string {
  const [, scheme = '', host, rest] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  return schemes.has(scheme) ? `http://${host}.${scheme}.localhost${rest}` : url;
}

/** The address that the app knows. */
export function appAddress(url: string): string {
  const [, host, scheme = '', rest] = /^http:\/\/([^/?#]*)\.([a-z][a-z0-9+.-]*)\.localhost(.*)$/.exec(url) ?? [];
  return schemes.has(scheme) ? `${scheme}://${host}${rest}` : url;
}

export interface Fulfilment {
  readonly responseCode: number;
  readonly responseHeaders: readonly { readonly name: string; readonly value: string }[];
  /** Base64. */
  readonly body: string;
}

/** The handler's answer to a request of a page, or `undefined` when the request is not for a scheme of the app's. */
export async function fulfil(url: string, method: string): Promise<Fulfilment | undefined> {
  const address = appAddress(url);
  if (address === url) return undefined;
  const response = await answerOf(address, method);
  return {
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  };
}

/** What the handler of a scheme of the app's says. */
export async function answerOf(address: string, method: string): Promise<Response> {
  const handler = handlers.get(new URL(address).protocol.slice(0, -1));
  return (await handler?.(new Request(address, { method }))) ?? new Response('', { status: 404 });
}
