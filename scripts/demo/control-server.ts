import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { refusalOf } from '../../src/repository/web/guard.ts';
import { textOf } from '../../src/shared/errors.ts';
import type { AppView, ViewInput } from './app-view.ts';
import type { Studio, StudioAction } from './studio.ts';

/** The server of the control strip: one page on loopback. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

const inter = '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2';
const files: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['index.html', 'text/html'],
  '/icon.svg': ['../../../demo-app/build/icon.svg', 'image/svg+xml'],
  '/control.css': ['control.css', 'text/css'],
  '/control.js': ['control.js', 'text/javascript'],
  '/inter.woff2': [fileURLToPath(import.meta.resolve(inter)), 'font/woff2'],
};

/** @param view the picture of the app, if its window cannot be seen otherwise */
export async function serveControl(studio: Studio, view: AppView | undefined): Promise<ControlServer> {
  const streams = new Set<ServerResponse>();
  const picture = (): 'none' | 'live' | 'off' => (view === undefined ? 'none' : view.isLive ? 'live' : 'off');
  const state = (): string => JSON.stringify({ ...studio.state(), picture: picture() });
  const tell = (): void => {
    for (const stream of streams) stream.write(`data: ${state()}\n\n`);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, boundPort(server), (path) => path in files);
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { 'content-type': 'text/plain' }).end(refusal.text);
      return;
    }
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    // Only this page may control the demo. A page of another site cannot send JSON here without a preflight request.
    if (request.method === 'POST' && request.headers['content-type'] !== 'application/json') {
      response.writeHead(415).end();
    } else if (request.method === 'POST' && pathname === '/act') {
      const { action } = (await json(request)) as { readonly action: StudioAction };
      await studio.act(action).finally(tell);
      response.writeHead(204).end();
    } else if (request.method === 'POST' && pathname === '/input') {
      await view?.input((await json(request)) as ViewInput);
      response.writeHead(204).end();
    } else if (pathname === '/state') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`data: ${state()}\n\n`);
      streams.add(response);
      response.once('close', () => streams.delete(response));
    } else if (pathname === '/picture' && view !== undefined) {
      sendPictures(view, response);
    } else {
      await sendFile(pathname, response);
    }
  }

  let shown = picture();
  view?.onPicture(() => {
    if (shown === picture()) return;
    shown = picture();
    tell();
  });

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(textOf(error));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${boundPort(server)}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function boundPort(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/**
 * Sends one picture after the other. A browser shows a picture when it sees the boundary after it, so the boundary is
 * sent along.
 */
function sendPictures(view: AppView, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'multipart/x-mixed-replace; boundary=picture',
    'cache-control': 'no-store',
  });
  response.write('--picture\r\n');
  let latest: Buffer | undefined;
  /** Pictures that arrive while the browser is slow are skipped, except the last. */
  const send = (): void => {
    if (latest === undefined || response.writableNeedDrain) return;
    response.write(`content-type: image/jpeg\r\ncontent-length: ${latest.length}\r\n\r\n`);
    response.write(latest);
    response.write('\r\n--picture\r\n');
    latest = undefined;
  };
  response.on('drain', send);
  const stop = view.onPicture((picture) => {
    latest = picture;
    send();
  });
  response.once('close', stop);
}

async function sendFile(pathname: string, response: ServerResponse): Promise<void> {
  const [name, type] = files[pathname] ?? [];
  if (name === undefined || type === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  });
  response.end(await readFile(resolve(import.meta.dirname, 'control', name)));
}
