import { EventEmitter } from 'node:events';
import { request as httpRequest, type ClientRequest as NodeRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

interface RequestOptions {
  readonly url: string;
  readonly method?: string;
  readonly redirect?: 'follow' | 'error' | 'manual';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Electron's `ClientRequest` over Node: a redirect is announced, and followed when `followRedirect` is called. */
class ClientRequest extends EventEmitter {
  readonly #options: RequestOptions;
  readonly #headers = new Map<string, string>();
  #current: NodeRequest | undefined;
  #next: string | undefined;
  #ended = false;

  constructor(options: RequestOptions | string) {
    super();
    this.#options = typeof options === 'string' ? { url: options } : options;
    for (const [name, value] of Object.entries(this.#options.headers ?? {})) this.setHeader(name, value);
  }

  setHeader(name: string, value: string): void {
    this.#headers.set(name.toLowerCase(), value);
  }

  getHeader(name: string): string {
    return this.#headers.get(name.toLowerCase()) ?? '';
  }

  removeHeader(name: string): void {
    this.#headers.delete(name.toLowerCase());
  }

  end(): this {
    this.#send(this.#options.url);
    return this;
  }

  followRedirect(): void {
    if (this.#next === undefined) throw new Error('followRedirect() called, but was not waiting for a redirect');
    const next = this.#next;
    this.#next = undefined;
    this.#send(next);
  }

  abort(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#current?.destroy();
    this.emit('abort');
    this.emit('close');
  }

  #send(url: string): void {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const options = { method: this.#options.method ?? 'GET', headers: Object.fromEntries(this.#headers), agent: false };
    this.#current = request(url, options, (response) => this.#answered(url, response));
    this.#current.on('error', (error) => {
      if (!this.#ended) this.emit('error', error);
    });
    this.#current.end();
  }

  #answered(url: string, response: IncomingMessage): void {
    const { statusCode = 0, headers } = response;
    if (headers.location === undefined || ![301, 302, 303, 307, 308].includes(statusCode)) {
      response.once('close', () => this.emit('close'));
      this.emit('response', response);
      return;
    }
    response.destroy();
    const next = new URL(headers.location, url).href;
    if (this.#options.redirect === 'error') {
      this.emit('error', new Error("Attempted to redirect, but redirect policy was 'error'"));
      return;
    }
    this.#next = next;
    const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));
    this.emit('redirect', statusCode, this.#options.method ?? 'GET', next, lists);
    if (this.#next === undefined) return;
    if (this.#options.redirect !== 'manual') this.followRedirect();
    else this.emit('error', new Error('Redirect was cancelled'));
  }
}

export const net = {
  request: (options: RequestOptions | string): ClientRequest => new ClientRequest(options),
  isOnline: (): boolean => true,
  online: true,
};
