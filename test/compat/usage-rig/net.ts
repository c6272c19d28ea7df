import { EventEmitter } from 'node:events';
import { type ClientRequest as NodeRequest, type IncomingMessage, request as httpRequest } from 'node:http';

interface RequestOptions {
  readonly url?: string;
  readonly hostname?: string;
  readonly port?: string | number;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As much of Electron's `ClientRequest` as a download over loopback needs; a redirect is an answer like others. */
class ClientRequest extends EventEmitter {
  readonly #request: NodeRequest;

  constructor({ url, hostname = '', port = '', path = '/', method = 'GET', headers = {} }: RequestOptions) {
    super();
    this.#request = httpRequest(url ?? `http://${hostname}:${port}${path}`, { method, headers, agent: false });
    this.#request.on('response', (response: IncomingMessage) => this.emit('response', response));
    this.#request.on('error', (error) => this.emit('error', error));
  }

  end(): void {
    this.#request.end();
  }
  abort(): void {
    this.#request.destroy();
    this.emit('abort');
  }
}

export const net = {
  request: (options: RequestOptions): ClientRequest => new ClientRequest(options),
  isOnline: (): boolean => true,
};
