import { expect, it } from 'vitest';

import { addTargets, storeContent } from '../../src/repository/index.ts';
import { releaseIndexPayloadType } from '../../src/shared/release-index.ts';
import { serve } from './served.ts';

const path = 'org.example.notes/channels/stable/linux-x64.json';
const index = {
  schema: 1,
  revision: 3,
  app: 'org.example.notes',
  channel: 'stable',
  platform: 'linux',
  arch: 'x64',
  releases: [
    {
      version: '1.4.0',
      releasedAt: '2026-11-22T10:00:00Z',
      critical: true,
      artifacts: [
        {
          kind: 'appimage',
          path: 'org.example.notes/releases/1.4.0/Notes-1.4.0.AppImage',
          length: 150_000_000,
          sha256: 'ab'.repeat(32),
          arches: ['x64'],
        },
      ],
    },
  ],
};

it('shows apps, channels and versions without any script', async () => {
  await using served = await serve();
  const { store, url } = served.repository;
  const envelope = {
    payloadType: releaseIndexPayloadType,
    payload: Buffer.from(JSON.stringify(index)).toString('base64'),
    signatures: [{ keyid: 'k', sig: 'AA==' }],
  };
  await addTargets(store, [await storeContent(store, path, Buffer.from(JSON.stringify(envelope)))]);
  const response = await fetch(url);
  const html = await response.text();
  const shown = ['org.example.notes', 'stable', 'linux-x64', '1.4.0', 'critical', 'Notes-1.4.0.AppImage', '150.0 MB'];
  expect({
    missing: shown.filter((text) => !html.includes(text)),
    script: /<script/i.test(html),
    policy: response.headers.get('content-security-policy'),
  }).toEqual({
    missing: [],
    script: false,
    policy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
});

it("escapes a publisher's text, and reports an index that cannot be read", async () => {
  await using served = await serve();
  const { store, url } = served.repository;
  const info = { length: 2, hashes: { sha256: 'cd'.repeat(32) } };
  await addTargets(store, [{ path: '<b>x/channels/stable/linux-x64.json', info }]);
  const html = await (await fetch(url)).text();
  expect({
    raw: html.includes('<b>x'),
    escaped: html.includes('&#60;b&#62;x'),
    error: html.includes('ENOENT'),
  }).toEqual({ raw: false, escaped: true, error: true });
});
