import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The network between installed apps and the repository, on loopback. It fails on command. */
export interface Network {
  /** The repository's URL through this network, with a trailing slash. */
  readonly url: string;
  /** Bytes per second of content, over all transfers together. @defaultValue no limit */
  bytesPerSecond: number | undefined;
  /** Whether an attacker on the network changes bytes of installers. @defaultValue false */
  tampering: boolean;
  readonly isUp: boolean;
  /** Serves the same old `timestamp.json` to every client, so that no client learns of newer versions. */
  readonly isFrozen: boolean;
  /** The number of requests so far. */
  readonly requests: number;
  /** Lets this many more bytes of installers through. The rest waits for {@link letGo}. */
  hold(bytes: number): void;
  letGo(): void;
  freeze(): Promise<void>;
  thaw(): void;
  goDown(): Promise<void>;
  goUp(): Promise<void>;
  close(): Promise<void>;
}

const slice = 16 * 1024;
const timestamp = '/metadata/timestamp.json';

/** Serves `repository` (with a trailing slash) at another address. */
export async function createNetwork(repository: string): Promise<Network> {
  let left = Number.POSITIVE_INFINITY;
  let held = Promise.withResolvers<void>();
  let server: Server | undefined;
  let requests = 0;
  let frozen: Buffer | undefined;
  /** The time when the next slice may pass. */
  let free = 0;

  const network: Network = {
    url: '',
    bytesPerSecond: undefined,
    tampering: false,
    get isUp() {
      return server !== undefined;
    },
    get isFrozen() {
      return frozen !== undefined;
    },
    get requests() {
      return requests;
    },
    hold(bytes) {
      left = bytes;
    },
    letGo() {
      left = Number.POSITIVE_INFINITY;
      held.resolve();
      held = Promise.withResolvers();
    },
    async freeze() {
      const response = await fetch(new URL(timestamp, repository));
      if (!response.ok) throw new Error(`The repository answered ${response.status} for its timestamp.`);
      frozen = Buffer.from(await response.arrayBuffer());
    },
    thaw() {
      frozen = undefined;
    },
    async goDown() {
      if (server === undefined) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      server = undefined;
      await closed;
    },
    async goUp() {
      server ??= await listen(Number(new URL(network.url).port));
    },
    async close() {
      network.letGo();
      await network.goDown();
    },
  };

  async function listen(port: number): Promise<Server> {
    const listening = createServer((incoming, answer) => {
      pass(incoming, answer).catch(() => answer.destroy());
    }).listen(port, '127.0.0.1');
    await once(listening, 'listening');
    return listening;
  }

  async function pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method, headers, url = '/' } = incoming;
    requests += 1;
    if (frozen !== undefined && url === timestamp) {
      answer.writeHead(200, { 'content-type': 'application/json', 'content-length': frozen.length }).end(frozen);
      return;
    }
    const isInstaller = url.startsWith('/targets/') && !url.endsWith('.json');
    const target = new URL(url, repository);
    const outgoing = request(target, { method, headers: { ...headers, host: target.host }, agent: false });
    answer.once('close', () => outgoing.destroy());
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    answer.writeHead(response.statusCode ?? 502, response.headers);
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += slice) {
        const part = Buffer.from(chunk.subarray(at, at + slice));
        if (isInstaller) await carry(part);
        if (!answer.write(part)) await once(answer, 'drain');
      }
    }
    answer.end();
  }

  /** Delays, holds back or changes a slice of an installer. */
  async function carry(part: Buffer): Promise<void> {
    while (left < part.length) await held.promise;
    left -= part.length;
    if (network.tampering) part[0] = (part[0] ?? 0) ^ 0xff;
    if (network.bytesPerSecond === undefined) return;
    free = Math.max(free, performance.now()) + (1000 * part.length) / network.bytesPerSecond;
    await delay(free - performance.now());
  }

  server = await listen(0);
  const { port } = server.address() as AddressInfo;
  return Object.defineProperty(network, 'url', { value: `http://127.0.0.1:${port}/` });
}
