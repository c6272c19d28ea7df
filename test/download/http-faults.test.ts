// @module-tag slow
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDownloadRig, type DownloadRig } from '../support/download-rig.ts';
import * as evil from '../support/evil-server.ts';
import { freePort } from '../support/free-port.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { trustedTarget } from '../support/trusted-target.ts';

const bytes = seededBytes(3_000_000);
const length = bytes.length;
const longer = ({ at, end }: evil.Slice): Record<string, string> => ({ 'content-length': String(end - at + 10) });
const multipart = (): Record<string, string | undefined> => ({
  'content-range': undefined,
  'content-type': 'multipart/byteranges; boundary=x',
});

describe('a download', () => {
  let server: evil.EvilServer;
  let rig: DownloadRig;
  beforeEach(async () => {
    server = await evil.startEvilServer(bytes);
    rig = await createDownloadRig(bytes, [server.url]);
  });
  afterEach(async () => {
    await rig.close();
    await server.close();
  });

  it('takes one request and leaves only the file', async () => {
    expect({
      outcome: await rig.run(),
      names: await rig.names(),
      requests: server.requests.length,
    }).toEqual({
      outcome: { right: true, received: length, saved: 0, requests: 1 },
      names: ['file.bin'],
      requests: 1,
    });
  });

  it('verifies SHA-512 if nothing else is listed', async () => {
    const sha512 = createHash('sha512').update(bytes).digest('hex');
    expect(await rig.run({ target: trustedTarget(bytes, { hashes: { sha512 } }) })).toMatchObject({ right: true });
    const wrong = trustedTarget(bytes, { hashes: { sha512: 'ab'.repeat(64) } });
    expect(await rig.run({ target: wrong })).toEqual({ code: 'DOWNLOAD_MISMATCH' });
  });

  it('of an empty file needs no request', async () => {
    const empty = await createDownloadRig(new Uint8Array(0), [server.url]);
    expect(await empty.run()).toEqual({ right: true, received: 0, saved: 0, requests: 0 });
    await rm(empty.to);
    const wrong = trustedTarget(new Uint8Array(0), { hashes: { sha256: 'ab'.repeat(32) } });
    expect(await empty.run({ target: wrong })).toEqual({ code: 'DOWNLOAD_MISMATCH' });
    await empty.close();
  });

  it.each(Array.from({ length: 10 }, (_, tenth) => tenth / 10))(
    'goes on where the connection broke off at %f of the file',
    async (part) => {
      server.once(evil.truncated(Math.floor(length * part)));
      const outcome = await rig.run();
      expect(outcome).toMatchObject({ right: true, requests: 2 });
      expect('received' in outcome && outcome.received - length).toBeLessThan(1_048_576);
    },
  );

  it('continues after a stall and after a trickling server', async () => {
    server.once(evil.stalling(1_000_000), evil.slowloris);
    expect(await rig.run()).toMatchObject({ right: true, requests: 3 });
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      'bytes=1000000-2999999',
      expect.stringMatching(/^bytes=10000\d\d-2999999$/),
    ]);
  });

  it('fetches the whole file again from a server without ranges', async () => {
    server.once(evil.truncated(2_000_000));
    server.always(evil.rangeless);
    expect(await rig.run()).toEqual({ right: true, received: length + 2_000_000, saved: 0, requests: 2 });
  });

  it('accepts a response without a length, and stops an endless one at the end of the file', async () => {
    server.once(evil.unmeasured);
    expect(await rig.run()).toMatchObject({ right: true, requests: 1 });
    const other = await createDownloadRig(bytes, [server.url]);
    server.once(evil.endless);
    expect(await other.run()).toMatchObject({ right: true, requests: 1 });
    await other.close();
  });

  it('waits as long as the server asks', async () => {
    const busy = [evil.status(503, { 'retry-after': '20' }), evil.status(429), evil.hangUp, evil.silent];
    server.once(...busy);
    const before = performance.now();
    expect(await rig.run()).toMatchObject({ right: true, requests: busy.length + 1 });
    expect(performance.now() - before).toBeGreaterThan(20_000 / 50);
  });

  it('follows a redirect with its range', async () => {
    const store = await evil.startEvilServer(bytes);
    server.always(evil.redirect(`${store.url}/elsewhere`));
    store.once(evil.truncated(1_000_000));
    expect(await rig.run()).toMatchObject({ right: true });
    expect(store.requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=1000000-2999999']);
    await store.close();
  });

  it.each<[string, evil.Behaviour, string]>([
    ['a wrong Content-Range', evil.withHeaders(() => ({ 'content-range': 'bytes 0-9/10' })), 'DOWNLOAD_PROTOCOL'],
    ['a length that is too short', evil.withHeaders(() => ({ 'content-length': '10' })), 'DOWNLOAD_MISMATCH'],
    ['a length that is too long', evil.withHeaders(longer), 'DOWNLOAD_MISMATCH'],
    ['several ranges in one response', evil.withHeaders(multipart), 'DOWNLOAD_PROTOCOL'],
    ['a range that is refused', evil.status(416), 'DOWNLOAD_HTTP_STATUS'],
    ['headers that trickle', evil.slowHead, 'DOWNLOAD_TIMEOUT'],
    ['headers without end', evil.headerFlood, 'DOWNLOAD_PROTOCOL'],
    ['a captive portal', evil.captivePortal, 'DOWNLOAD_TRUNCATED'],
    ['a gzip bomb', evil.gzipBomb, 'DOWNLOAD_PROTOCOL'],
    ['a redirect loop', evil.redirect('/again'), 'DOWNLOAD_REDIRECT'],
    ['a redirect to plain HTTP', evil.redirect('http://example.org/'), 'DOWNLOAD_INSECURE_URL'],
    ['a server that has lost the file', evil.status(404), 'DOWNLOAD_NOT_FOUND'],
    ['a server that refuses', evil.status(403), 'DOWNLOAD_HTTP_STATUS'],
    ['a server that stays busy', evil.status(503), 'DOWNLOAD_HTTP_STATUS'],
    ['a server that says nothing', evil.silent, 'DOWNLOAD_TIMEOUT'],
    ['one wrong bit', evil.flipping(2_345_678), 'DOWNLOAD_MISMATCH'],
    ['other bytes of the same length', evil.edition(seededBytes(length, 2), '"other"'), 'DOWNLOAD_MISMATCH'],
  ])(
    'that meets %s in mid-file ends with a reason, and goes on when the server has recovered',
    async (_what, fault, code) => {
      server.once(evil.truncated(1_000_000));
      server.always(fault);
      expect(await rig.run()).toEqual({ code });
      expect(await rig.names()).not.toContain('file.bin');
      server.always(evil.good);
      expect(await rig.run()).toMatchObject({ right: true });
      expect(await rig.names()).toEqual(['file.bin']);
    },
  );

  it('distinguishes an unreachable server from an unknown name', async () => {
    const offline = await createDownloadRig(bytes, [`http://127.0.0.1:${await freePort()}`]);
    const unknown = await createDownloadRig(bytes, ['https://nowhere.invalid']);
    expect([await offline.run(), await unknown.run()]).toEqual([
      { code: 'DOWNLOAD_OFFLINE' },
      { code: 'DOWNLOAD_DNS' },
    ]);
    await offline.close();
    await unknown.close();
  });

  it('requests the next location if one is missing', async () => {
    server.once(evil.status(404));
    const target = trustedTarget(bytes, { path: 'a/f.bin', locations: ['a/abc.f.bin', 'a/f.bin'] });
    expect(await rig.run({ target })).toMatchObject({ right: true, requests: 2 });
    expect(server.requests.map(({ path }) => path)).toEqual(['/a/abc.f.bin', '/a/f.bin']);
  });

  it('refuses a base URL that is not HTTPS', async () => {
    await expect(createDownloadRig(bytes, ['http://example.org/'])).rejects.toMatchObject({
      code: 'DOWNLOAD_INSECURE_URL',
    });
  });
});
