import { getRequestListener } from '@hono/node-server';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { systemCode, textOf, UpdateError } from '../shared/errors.ts';
import { type RepositoryLogger, silentLogger } from './outside.ts';
import type { RepositoryStore } from './store/contract.ts';
import { listReleaseIndexes } from './store/indexes.ts';
import { openRepositoryStore, type StoreOptions } from './store/store.ts';
import { publishedTargets } from './tuf/state.ts';
import { createApi } from './web/api.ts';
import { refusalOf } from './web/guard.ts';
import { renderPage } from './web/page.ts';
import { metadataCache, serveFile, targetsCache } from './web/static-files.ts';

export interface ServeOptions extends StoreOptions {
  /** A port on 127.0.0.1. @defaultValue 0: any free port */
  readonly port?: number;
}

export interface RunningRepository {
  /** The page for people. All addresses end with a slash. */
  readonly url: string;
  readonly apiUrl: string;
  readonly metadataUrl: string;
  readonly targetsUrl: string;
  /** Headers that a publisher must send with every API request. Empty if no token is required. */
  readonly apiHeaders: Readonly<Record<string, string>>;
  /** The directory that `/targets/` serves. Publishers put files there. */
  readonly contentDirectory: string;
  /** For operations without HTTP: `addTargets`, `rotateRoot`, `setExpiry` … */
  readonly store: RepositoryStore;
  /** Closes connections, waits for running work and releases the directory. */
  close(): Promise<void>;
}

/**
 * Serves a TUF repository in RSTUF's layout, its content and RSTUF's REST API on one loopback port, for development and
 * tests. Accepts only loopback host names. The API requires a token unless `settings.token` is `false`.
 * @throws UpdateError `REPOSITORY_STATE`, `OPTIONS_INVALID`
 */
export async function serveRepository(options: ServeOptions): Promise<RunningRepository> {
  const { port = 0, logger = silentLogger, settings } = options;
  const token = settings?.token ?? randomBytes(32).toString('base64url');
  const store = await openRepositoryStore({ ...options, settings: { ...settings, token } });
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    await store.close();
    throw new UpdateError(
      'OPTIONS_INVALID',
      `Port ${port} of 127.0.0.1 cannot be used (${textOf(error)}). Choose another port, or 0 for any free one.`,
      { cause: error },
    );
  }
  const bound = (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${bound}/`;
  const urls = { url, apiUrl: `${url}api/v1/`, metadataUrl: `${url}metadata/`, targetsUrl: `${url}targets/` };
  server.on('request', createListener(store, logger, urls, bound));
  logger.info(`The embedded repository (development keys!) serves ${options.directory} at ${url}`);
  return {
    ...urls,
    apiHeaders: token === false ? {} : { authorization: `Bearer ${token}` },
    contentDirectory: store.places.content,
    store,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await store.close();
    },
  };
}

type Urls = Pick<RunningRepository, 'url' | 'apiUrl' | 'metadataUrl' | 'targetsUrl'>;

function createListener(
  store: RepositoryStore,
  logger: RepositoryLogger,
  urls: Urls,
  port: number,
): (request: IncomingMessage, response: ServerResponse) => void {
  const api = getRequestListener(createApi(store, logger).fetch);
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = ''] = (request.url ?? '').split('?');
    const refusal = refusalOf(request, port, isPublic);
    if (refusal !== undefined) {
      response
        .writeHead(refusal.status, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
        .end(refusal.text);
      return;
    }
    if (path.startsWith('/metadata/')) {
      return serveFile(request, response, store.places.metadata, path.slice('/metadata/'.length), metadataCache);
    }
    if (path.startsWith('/targets/')) {
      return serveFile(request, response, store.places.content, path.slice('/targets/'.length), targetsCache);
    }
    if (path === '/') return sendPage(store, response, urls);
    return api(request, response);
  };
  return (request, response) => {
    route(request, response).catch((error: unknown) => {
      // The client has disconnected, so no answer is needed.
      if (systemCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') {
        logger.error(`${request.method} ${request.url} failed: ${textOf(error)}`, error);
      }
      response.destroy();
    });
  };
}

/** Serves the page and the static files. All other requests go to the API. */
function isPublic(path: string): boolean {
  return path === '/' || path.startsWith('/metadata/') || path.startsWith('/targets/');
}

async function sendPage(store: RepositoryStore, response: ServerResponse, urls: Urls): Promise<void> {
  const targets = store.state === undefined ? 0 : publishedTargets(store.state).reduce((count) => count + 1, 0);
  const html = renderPage({ state: store.state, indexes: await listReleaseIndexes(store), targets, ...urls });
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(html);
}
