/**
 * A line between a client and a server on loopback, in its own process: `node line.ts <port> <bytes per second> <round
 * trip in milliseconds>`. Must be started with an IPC channel. Sends its port first. Answers each message with the
 * bytes and connections since the last one.
 */
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

const [port = 0, bytesPerSecond = 1, roundTripMs = 0] = process.argv.slice(2).map(Number);
let bytes = 0;
let connections = 0;
/** The time when the line is free again, in milliseconds. */
let freeAt = 0;

/** Passes chunks on in order, each not before its time. */
function delayed(from: Socket, to: Socket, delayOf: (length: number) => number): void {
  const queue: { readonly at: number; readonly chunk: Buffer }[] = [];
  let waiting = 0;
  let ended = false;
  const flush = (): void => {
    while (queue[0] !== undefined && queue[0].at <= performance.now() + 0.5) {
      const { chunk } = queue.shift() as { chunk: Buffer };
      waiting -= chunk.length;
      to.write(chunk);
    }
    if (waiting < 300_000) from.resume();
    if (queue[0] !== undefined) setTimeout(flush, Math.max(1, queue[0].at - performance.now()));
    else if (ended) to.end();
  };
  from.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += 8192) {
      const piece = chunk.subarray(at, at + 8192);
      waiting += piece.length;
      queue.push({ at: performance.now() + delayOf(piece.length), chunk: piece });
    }
    if (waiting >= 300_000) from.pause();
    if (queue.length > 0) setTimeout(flush, Math.max(1, (queue[0]?.at ?? 0) - performance.now()));
  });
  from.on('end', () => {
    ended = true;
    if (queue.length === 0) to.end();
  });
}

const server = createServer({ noDelay: true }, (client) => {
  connections += 1;
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
  // TCP's handshake takes a round trip, which loopback does not have.
  let handshake = roundTripMs;
  delayed(client, upstream, () => {
    const delay = handshake + roundTripMs / 2;
    handshake = 0;
    return delay;
  });
  delayed(upstream, client, (length) => {
    bytes += length;
    freeAt = Math.max(freeAt, performance.now()) + (length * 1000) / bytesPerSecond;
    return freeAt - performance.now() + roundTripMs / 2;
  });
  const close = (): void => {
    client.destroy();
    upstream.destroy();
  };
  client.on('error', close).on('close', close);
  upstream.on('error', close);
});

process.on('message', () => {
  process.send?.({ bytes, connections });
  bytes = 0;
  connections = 0;
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
