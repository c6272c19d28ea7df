import { type Dispatcher, Pool } from 'undici';

import { textOf } from '../../shared/errors.ts';

/** The connector that a proxy agent made for the way to its proxy. */
type Connect = (options: object, callback: (error: Error | null, socket: unknown) => void) => void;

/**
 * The client with which undici's proxy agent talks to the proxy itself. A proxy that cannot be reached then fails as such:
 * undici gives the bare error of the socket, as if the server behind it were not there.
 */
export function proxyClient(proxy: URL, options: object): Dispatcher {
  const { connect } = options as { readonly connect: Connect };
  const telling: Connect = (request, callback) =>
    connect(request, (error, socket) => callback(error === null ? null : unreachable(proxy, error), socket));
  return new Pool(proxy, { ...options, connect: telling as NonNullable<Pool.Options['connect']> });
}

function unreachable(proxy: URL, cause: Error): Error {
  const message = `the proxy ${proxy.host} cannot be reached: ${textOf(cause)}`;
  return Object.assign(new Error(message, { cause }), { code: 'UND_ERR_PRX_CONN' });
}
