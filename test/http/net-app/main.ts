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
  /** The message of the error with which a request fails. */
  why(url: string): Promise<string>;
  /** Trusts this certificate (PEM), which nobody has signed, from now on. */
  trust(certificate: string): void;
  /** The status and the text of a range of a file: `bytes=FIRST-LAST`. */
  fetchRange(url: string, range: string): Promise<readonly [status: number, text: string]>;
  /** Aborts a request after its first chunk; the code of the error. */
  abortInBody(url: string): Promise<string>;
  /** Reads one chunk of a body, and waits so many milliseconds before it gives the rest up. */
  readSlowly(url: string, ms: number): Promise<void>;
  /** Closes a client so many milliseconds after it sent a request: the request's error, and the milliseconds until then. */
  closeInFlight(url: string, ms: number): Promise<{ readonly code: string; readonly ms: number }>;
  /** The response through the proxy that a PAC script names. */
  fetchByPac(url: string, script: string): Promise<Fetched | string>;
  /** Facts about the configured session. */
  sessions(): readonly { readonly isOwn: boolean; readonly isPersistent: boolean; readonly isDefault: boolean }[];
}

const configured: Session[] = [];
const trusted = new Set<string>();
const http = createElectronHttpClient({
  configureSession(own) {
    configured.push(own);
    own.setCertificateVerifyProc(({ certificate }, done) => done(trusted.has(certificate.data.trim()) ? 0 : -3));
  },
});
const limits = { maxBytes: 2e6, idleTimeoutMs: 500, headersTimeoutMs: 1000, headers: { 'x-token': '1' } };

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown }).code ?? error);
}

async function fetchAll(url: string, through = http): Promise<Fetched | string> {
  try {
    const { status, redirects, body } = await through.get(url, limits);
    let length = 0;
    for await (const chunk of body) length += chunk.length;
    return { status, length, redirects: redirects.length };
  } catch (error) {
    return codeOf(error);
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
  async why(url) {
    try {
      const response = await http.get(url, limits);
      response.cancel();
      return 'nothing failed';
    } catch (error) {
      return (error as Error).message;
    }
  },
  trust: (certificate) => void trusted.add(certificate.trim()),
  async fetchRange(url, range) {
    const { status, body } = await http.get(url, { ...limits, headers: { range } });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return [status, Buffer.concat(chunks).toString()];
  },
  async abortInBody(url) {
    const controller = new AbortController();
    try {
      const { body } = await http.get(url, { ...limits, maxBytes: 1e9, signal: controller.signal });
      for await (const _chunk of body) controller.abort();
      return 'it was read to its end';
    } catch (error) {
      return codeOf(error);
    }
  },
  async readSlowly(url, ms) {
    const response = await http.get(url, { ...limits, maxBytes: 1e9 });
    await response.body[Symbol.asyncIterator]().next();
    await new Promise((resolve) => setTimeout(resolve, ms));
    response.cancel();
  },
  async closeInFlight(url, ms) {
    const client = createElectronHttpClient();
    const asking = client.get(url, { ...limits, headersTimeoutMs: 20_000 }).then(() => 'it answered', codeOf);
    await new Promise((resolve) => setTimeout(resolve, ms));
    const begun = performance.now();
    await client.close();
    return { code: await asking, ms: performance.now() - begun };
  },
  async fetchByPac(url, script) {
    const pacScript = `data:application/x-ns-proxy-autoconfig,${encodeURIComponent(script)}`;
    const client = createElectronHttpClient({ configureSession: async (own) => own.setProxy({ pacScript }) });
    try {
      return await fetchAll(url, client);
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
