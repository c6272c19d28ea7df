import { type Dispatcher, Pool } from 'undici';

import { textOf } from '../../shared/errors.ts';

/** The connector with which a proxy agent reaches its proxy. */
type Connect = (options: object, callback: (error: Error | null, socket: unknown) => void) => void;

/**
 * The client that undici's proxy agent uses to talk to the proxy. It reports an unreachable proxy as such. undici alone
 * reports the bare socket error, as if the server behind the proxy were unreachable.
 */
export function proxyClient(proxy: URL, options: object): Dispatcher {
  const { connect } = options as { readonly connect: Connect };
  const connectOrExplain: Connect = (request, callback) =>
    connect(request, (error, socket) => callback(error === null ? null : unreachable(proxy, error), socket));
  return new Pool(proxy, { ...options, connect: connectOrExplain as NonNullable<Pool.Options['connect']> });
}

function unreachable(proxy: URL, cause: Error): Error {
  const message = `the proxy ${proxy.host} cannot be reached: ${textOf(cause)}`;
  return Object.assign(new Error(message, { cause }), { code: 'UND_ERR_PRX_CONN' });
}
