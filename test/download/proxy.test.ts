import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { createDownloadRig } from '../support/download-rig.ts';
import * as evil from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { requires } from '../support/requires.ts';
import { type Certificate, selfSigned } from '../support/self-signed.ts';
import { type Squid, startSquid } from '../support/squid.ts';

const bytes = seededBytes(3_000_000);

describe('a download over TLS', requires('openssl', 'squid'), () => {
  let certificate: Certificate;
  let server: Server;
  let squid: Squid;
  let base: string;
  const answers: evil.Behaviour[] = [];
  beforeAll(async () => {
    certificate = selfSigned();
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      (answers.shift() ?? evil.good)({ request, response, bytes, etag: '"first"' });
    server = createServer(certificate, answer);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    squid = await startSquid('secret');
  });
  afterAll(async () => {
    await squid.close();
    server.closeAllConnections();
    server.close();
  });

  it('uses a proxy with a password, and continues after the connection broke off', async () => {
    const http = createNodeHttpClient({ proxy: { url: squid.url }, extraCa: [certificate.cert] });
    const rig = await createDownloadRig(bytes, [base], { http });
    answers.push(evil.truncated(1_500_000));
    expect(await rig.run()).toEqual({ right: true, received: bytes.length, saved: 0, requests: 2 });
    expect(await squid.log()).toContain(`CONNECT ${base.slice('https://'.length)}`);
    await rig.close();
    await http.close();
  });

  it('fails with a reason if a certificate or a proxy is not accepted', async () => {
    const proxy = { url: squid.url.replace('secret', 'guess') };
    const clients = [
      createNodeHttpClient({ proxy: 'none' }),
      createNodeHttpClient({ proxy: { url: squid.url } }),
      createNodeHttpClient({ proxy, extraCa: [certificate.cert] }),
    ];
    const outcomes = [];
    for (const http of clients) {
      const rig = await createDownloadRig(bytes, [base], { http });
      outcomes.push(await rig.run());
      await rig.close();
      await http.close();
    }
    expect(outcomes).toEqual([{ code: 'DOWNLOAD_TLS' }, { code: 'DOWNLOAD_TLS' }, { code: 'DOWNLOAD_PROXY' }]);
  });
});
