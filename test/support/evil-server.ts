import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What one request of the server is about. */
export interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The file. */
  readonly bytes: Buffer;
  /** Its strong validator. */
  readonly etag: string;
}

/** How to answer one request. The well-behaved way is {@link good}; all others misbehave in one point. */
export type Behaviour = (turn: Turn) => void;

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface EvilServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Answers the next requests so, one each; then as {@link always} says. */
  once(...behaviours: readonly Behaviour[]): void;
  always(behaviour: Behaviour): void;
  /** Forgets the requests that it has seen. */
  forget(): void;
  /** Resolves when one more request has come. */
  nextRequest(): Promise<void>;
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A server on loopback that serves the same bytes under every path, and misbehaves on command. */
export async function startEvilServer(bytes: Uint8Array, etag = '"first"'): Promise<EvilServer> {
  const queue: Behaviour[] = [];
  let usual: Behaviour = good;
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    response.on('error', () => response.destroy());
    (queue.shift() ?? usual)({ request, response, bytes: Buffer.from(bytes), etag });
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    once: (...behaviours) => void queue.push(...behaviours),
    always: (behaviour) => {
      usual = behaviour;
    },
    forget: () => void requests.splice(0),
    async nextRequest() {
      await once(server, 'request');
    },
    idle: async () => {
      // However they end: a client that goes away may reset them.
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Slice {
  readonly at: number;
  readonly end: number;
  readonly ranged: boolean;
}

/** The part that was asked for; the whole when `If-Range` does not hold (RFC 9110, 13.1.5). */
function askedFor({ request, bytes, etag }: Turn): Slice {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  if (range === null || (condition !== undefined && condition !== etag)) {
    return { at: 0, end: bytes.length, ranged: false };
  }
  const last = range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1);
  return { at: Number(range[1]), end: last + 1, ranged: true };
}

function head({ at, end, ranged }: Slice, { bytes, etag }: Turn): Record<string, string> {
  return {
    etag,
    'accept-ranges': 'bytes',
    'content-length': String(end - at),
    ...(ranged ? { 'content-range': `bytes ${at}-${end - 1}/${bytes.length}` } : {}),
  };
}

export const good: Behaviour = (turn) => {
  const slice = askedFor(turn);
  turn.response.writeHead(slice.ranged ? 206 : 200, head(slice, turn));
  turn.response.end(turn.bytes.subarray(slice.at, slice.end));
};

/** As {@link good}, with other headers; `undefined` leaves one out. */
export function withHeaders(change: (slice: Slice, bytes: Buffer) => Record<string, string | undefined>): Behaviour {
  return (turn) => {
    const slice = askedFor(turn);
    const headers = Object.entries({ ...head(slice, turn), ...change(slice, turn.bytes) });
    for (const [name, value] of headers) if (value !== undefined) turn.response.setHeader(name, value);
    turn.response.writeHead(slice.ranged ? 206 : 200);
    turn.response.end(turn.bytes.subarray(slice.at, slice.end));
  };
}

/** Breaks the connection off after so many bytes of the body. */
export function truncated(after: number): Behaviour {
  return (turn) => {
    const slice = askedFor(turn);
    turn.response.writeHead(slice.ranged ? 206 : 200, head(slice, turn));
    const bytes = turn.bytes.subarray(slice.at, Math.min(slice.end, slice.at + after));
    turn.response.write(bytes, () => setImmediate(() => turn.response.destroy()));
  };
}

/** Sends so many bytes of the body, then nothing more. */
export function stalling(after: number): Behaviour {
  return (turn) => {
    const slice = askedFor(turn);
    turn.response.writeHead(slice.ranged ? 206 : 200, head(slice, turn));
    turn.response.write(turn.bytes.subarray(slice.at, slice.at + after));
  };
}

/** Sends one byte now and then: each keeps a naive time-out away. */
export const slowloris: Behaviour = (turn) => {
  const slice = askedFor(turn);
  turn.response.writeHead(slice.ranged ? 206 : 200, head(slice, turn));
  let { at } = slice;
  const timer = setInterval(() => turn.response.write(turn.bytes.subarray(at, ++at)), 20);
  turn.response.on('close', () => clearInterval(timer));
};

/** Begins an answer whose headers come one byte now and then, without end. */
export const slowHead: Behaviour = ({ response }) => {
  const { socket } = response;
  socket?.write('HTTP/1.1 200 OK\r\nX-Slow: ');
  const timer = setInterval(() => socket?.write('x'), 20);
  socket?.on('close', () => clearInterval(timer)).on('error', () => socket.destroy());
};

/** Begins an answer whose headers fill any memory. */
export const headerFlood: Behaviour = ({ response }) => {
  const { socket } = response;
  socket?.write('HTTP/1.1 200 OK\r\n');
  const line = `X-Flood: ${'x'.repeat(1000)}\r\n`.repeat(10);
  const more = (): void => {
    let hasRoom = true;
    while (hasRoom) hasRoom = socket?.destroyed === false && socket.write(line);
  };
  socket?.on('drain', more).on('error', () => socket.destroy());
  more();
};

/** Sends so many bytes every so many milliseconds. */
export function trickling(step: number, everyMs: number): Behaviour {
  return (turn) => {
    const slice = askedFor(turn);
    turn.response.writeHead(slice.ranged ? 206 : 200, head(slice, turn));
    let { at } = slice;
    const timer = setInterval(() => {
      const end = Math.min(slice.end, at + step);
      turn.response.write(turn.bytes.subarray(at, end));
      at = end;
      if (at === slice.end) turn.response.end();
      if (at === slice.end) clearInterval(timer);
    }, everyMs);
    turn.response.on('close', () => clearInterval(timer));
  };
}

/** Takes the request and says nothing. */
export const silent: Behaviour = () => undefined;

/** Closes the connection instead of answering. */
export const hangUp: Behaviour = ({ response }) => response.destroy();

/** Has no ranges: always the whole file. */
export const rangeless: Behaviour = ({ response, bytes }) => {
  response.writeHead(200, { 'content-length': bytes.length });
  response.end(bytes);
};

/** Neither ranges nor a length. */
export const unmeasured: Behaviour = ({ response, bytes }) => {
  response.writeHead(200);
  response.write(bytes.subarray(0, 10));
  response.end(bytes.subarray(10));
};

/** Goes on after the file. */
export const endless: Behaviour = ({ response, bytes }) => {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(bytes));
  };
  response.on('drain', more);
  more();
};

/** Serves the file with one bit wrong. */
export function flipping(index: number): Behaviour {
  return (turn) => {
    const bytes = Buffer.from(turn.bytes);
    bytes[index] = (bytes[index] ?? 0) ^ 1;
    good({ ...turn, bytes });
  };
}

/** Serves other bytes, under another validator. */
export function edition(bytes: Uint8Array, etag: string): Behaviour {
  return (turn) => good({ ...turn, bytes: Buffer.from(bytes), etag });
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return ({ response }) => void response.writeHead(code, headers).end(`status ${code}`);
}

export function redirect(location: string, code = 302): Behaviour {
  return status(code, { location });
}

const packed = gzipSync(Buffer.alloc(10_000_000));

/** Bytes that unpack to a thousand times as many. */
export const gzipBomb: Behaviour = ({ response }) => {
  response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
};

/** What a hotel's network answers before one has paid. */
export const captivePortal: Behaviour = ({ response }) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome! Please log in.</body></html>');
};

/** Answers the requests in turn with these behaviours, and begins again after the last. */
export function cycling(behaviours: readonly Behaviour[]): Behaviour {
  let next = 0;
  return (turn) => (behaviours[next++ % behaviours.length] ?? good)(turn);
}

/** As `behaviour`, for a server that never heard of ranges: every answer is the whole file. */
export function withoutRanges(behaviour: Behaviour): Behaviour {
  return (turn) => {
    delete turn.request.headers.range;
    delete turn.request.headers['if-range'];
    silentAboutRanges(behaviour)(turn);
  };
}

/** As `behaviour`, without `Accept-Ranges`: RFC 9110 (14.3) lets a server have ranges and not say so. */
export function silentAboutRanges(behaviour: Behaviour): Behaviour {
  return (turn) => {
    const { response } = turn;
    const writeHead = response.writeHead.bind(response) as (status: number, headers?: object) => ServerResponse;
    response.writeHead = ((status: number, headers: Record<string, string> = {}) => {
      const { 'accept-ranges': _, ...rest } = headers;
      return writeHead(status, rest);
    }) as typeof response.writeHead;
    behaviour(turn);
  };
}

/** Breaks the whole file off at the same byte each time. */
export function cutWhole(at: number): Behaviour {
  return (turn) => {
    const whole = { at: 0, end: turn.bytes.length, ranged: false };
    turn.response.writeHead(200, head(whole, turn));
    turn.response.write(turn.bytes.subarray(0, at), () => setImmediate(() => turn.response.destroy()));
  };
}

/** Answers a range with so many bytes of it (RFC 9110, 15.3.7: less than was asked for is allowed). */
export function crumbs(size: number): Behaviour {
  return (turn) => {
    const { at, end, ranged } = askedFor(turn);
    if (!ranged) return truncated(size)(turn);
    const slice = { at, end: Math.min(end, at + size), ranged };
    turn.response.writeHead(206, head(slice, turn));
    turn.response.end(turn.bytes.subarray(slice.at, slice.end));
  };
}

/** Gives so many bytes of which every one is wrong, and breaks off. */
export function lyingThenCut(after: number): Behaviour {
  return (turn) => {
    const slice = askedFor(turn);
    turn.response.writeHead(slice.ranged ? 206 : 200, head(slice, turn));
    const lies = Buffer.from(turn.bytes.subarray(slice.at, Math.min(slice.end, slice.at + after))).map(
      (byte) => byte ^ 1,
    );
    turn.response.write(lies, () => setImmediate(() => turn.response.destroy()));
  };
}

/** Another edition of the same length, under a validator of its own. */
export const otherEdition: Behaviour = (turn) => {
  const bytes = Buffer.from(turn.bytes.map((byte) => byte ^ 2));
  good({ ...turn, bytes, etag: '"another"' });
};
