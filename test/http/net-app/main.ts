/** An app without windows that fetches what a test requests, through the Electron client. */
import { app, session, type Session } from 'electron';

import { createElectronHttpClient } from '../../../src/main/electron/net-client.ts';
import { updaterSession } from '../../../src/main/electron/updater-session.ts';

export interface Fetched {
  readonly status: number;
  readonly length: number;
  readonly redirects: number;
}

/** The functions that the test can call. */
export interface NetApp {
  /** The response, or the code of the error. */
  fetchAll(url: string): Promise<Fetched | string>;
  /** The same through a proxy on a loopback port. Without a name, the app declines the proxy's request for credentials. */
  fetchThroughProxy(url: string, port: number, name?: string): Promise<{ came: Fetched | string; asked: boolean[] }>;
  /** Facts about the configured session. */
  sessions(): readonly { readonly isOwn: boolean; readonly isPersistent: boolean; readonly isDefault: boolean }[];
}

const configured: Session[] = [];
const http = createElectronHttpClient({ configureSession: (own) => void configured.push(own) });

async function fetchAll(url: string, through = http): Promise<Fetched | string> {
  try {
    const options = { maxBytes: 2e6, idleTimeoutMs: 500, headersTimeoutMs: 1000, headers: { 'x-token': '1' } };
    const { status, redirects, body } = await through.get(url, options);
    let length = 0;
    for await (const chunk of body) length += chunk.length;
    return { status, length, redirects: redirects.length };
  } catch (error) {
    return String((error as { readonly code?: unknown }).code ?? error);
  }
}

const netApp: NetApp = {
  fetchAll: async (url) => fetchAll(url),
  async fetchThroughProxy(url, port, name) {
    const asked: boolean[] = [];
    const client = createElectronHttpClient({
      async configureSession(own) {
        await own.clearAuthCache();
        await own.setProxy({ proxyRules: `http://127.0.0.1:${port}`, proxyBypassRules: '<-loopback>' });
      },
      onProxyLogin({ isProxy }, answer) {
        asked.push(isProxy);
        if (name === undefined) answer();
        else answer(name, 'password');
      },
    });
    try {
      return { came: await fetchAll(url, client), asked };
    } finally {
      await client.close();
      await updaterSession().setProxy({ mode: 'direct' });
    }
  },
  sessions: () =>
    configured.map((own) => ({
      isOwn: own === session.fromPartition('electron-tuf-updater'),
      isPersistent: own.isPersistent(),
      isDefault: own === session.defaultSession,
    })),
};
Object.assign(globalThis, { netApp });
void app.whenReady();
