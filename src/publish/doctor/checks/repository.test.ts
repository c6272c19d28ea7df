import { describe, expect, it } from 'vitest';

import { bad } from '../../../../test/support/findings.ts';
import { type AnswerFacts, checkContent } from './content.ts';
import { checkMetadata } from './metadata.ts';
import { checkReleases, type PlatformRelease } from './release.ts';
import { checkRstuf } from './rstuf.ts';

const now = Date.parse('2026-11-25T10:00:00Z');
const inDays = (days: number): string => new Date(now + days * 86_400_000).toISOString();

describe('checkMetadata', () => {
  const role = (name: string, days: number) => ({ role: name, version: 7, expires: inDays(days) });

  it.each<[string, Parameters<typeof checkMetadata>[0], readonly string[]]>([
    [
      'all is well',
      { roles: [role('root', 200), role('timestamp', 0.9), role('bins-4', 0.9)], clockAheadMs: -2000 },
      [],
    ],
    ['a root that is due', { roles: [role('root', 59)] }, [`warn root: version 7, expires in 59 days (${inDays(59)})`]],
    [
      'a worker that does not run',
      { roles: [role('timestamp', 0.02)] },
      [`warn timestamp: version 7, expires in 28 minutes (${inDays(0.02)}) and was not signed again yet`],
    ],
    [
      'expired metadata',
      {
        failure: { code: 'TRUST_EXPIRED', message: 'Expired.' },
        roles: [role('root', -1), role('snapshot', -3), role('bins-1', 1), role('bins-2', -2)],
      },
      [
        'fail Repository: TRUST_EXPIRED: Expired.',
        `fail root: Expired 24 hours ago (${inDays(-1)}): no client verifies anything.`,
        `fail snapshot: Expired 3 days ago (${inDays(-3)}): apps cannot check for updates.`,
        `fail bins-2: Expired 2 days ago (${inDays(-2)}): apps cannot check for updates.`,
      ],
    ],
    [
      'a wrong clock',
      { roles: [], clockAheadMs: 7_200_000 },
      ['warn Clock: This machine is 2 hours ahead of the server.'],
    ],
    [
      'no network',
      { failure: { code: 'TRUST_OFFLINE', message: 'Away.' }, roles: [] },
      ['fail Repository: TRUST_OFFLINE: Away.'],
    ],
  ])('%s', (_what, facts, expected) => {
    expect(bad(checkMetadata(facts, now))).toEqual(expected);
  });
});

describe('checkRstuf', () => {
  const usual = { timestamp_expiration: 1, snapshot_expiration: 1, bins_expiration: 1, targets_expiration: 365 };
  const answer = (settings: Record<string, unknown>, open = false, local = false) =>
    ({ type: 'settings', settings, seenRootVersion: 2, open, local }) as const;

  it.each<[string, Parameters<typeof checkRstuf>[0], readonly string[]]>([
    ['all is well', answer({ ...usual, trusted_root: { signed: { version: 2 } } }), []],
    ['open to this machine', answer(usual, true, true), []],
    [
      'open to everyone',
      answer(usual, true),
      ['fail RSTUF: Its API answers without credentials, so anyone who reaches it can have anything signed.'],
    ],
    [
      'bins that expire later than the timestamp',
      answer({ ...usual, bins_expiration: 7 }),
      [
        'warn RSTUF expiry: days: timestamp 1, snapshot 1, bins 7, targets 365. bins longer than the timestamp, so RSTUF does not renew it in time.',
      ],
    ],
    [
      'another repository',
      answer({ ...usual, trusted_root: { signed: { version: 5 } } }),
      ['fail RSTUF root: The API has root version 5, but clients see 2.'],
    ],
    [
      'no answer',
      { type: 'failed', code: 'PUBLISH_UNAUTHORISED', message: 'No.' },
      ['fail RSTUF: PUBLISH_UNAUTHORISED: No.'],
    ],
  ])('%s', (_what, facts, expected) => {
    expect(bad(checkRstuf(facts))).toEqual(expected);
  });
});

describe('checkReleases', () => {
  const artifact = { path: 'a/releases/1.0.0/N.AppImage', kind: 'appimage', length: 1000, packLength: 400 };
  const verified = (one: object = {}, more: object = {}): PlatformRelease => ({
    platform: 'linux-x64',
    channel: 'stable',
    outcome: { type: 'verified', version: '1.0.0', revision: 3, artifacts: [{ ...artifact, ...one }], ...more },
  });

  it.each<[string, readonly PlatformRelease[], readonly string[]]>([
    ['all is well', [verified()], []],
    ['nothing yet', [], ['warn Release: Nothing is published on the channel stable yet.']],
    [
      'compressed inside',
      [verified({ packLength: 950 })],
      ['warn linux-x64: N.AppImage is compressed inside, so its updates are large.'],
    ],
    [
      'no pack',
      [verified({ packLength: undefined })],
      ['warn linux-x64: N.AppImage is transferred whole at each update.'],
    ],
    [
      'newer keys',
      [verified({}, { handedOn: 2 })],
      ['warn Publisher keys: The release index hands over to set 2; update.json has set 1.'],
    ],
    [
      'an index that clients refuse, and an index that offers no release',
      [
        {
          platform: 'win32-x64',
          channel: 'stable',
          outcome: { type: 'failed', code: 'TRUST_PUBLISHER', message: 'No.' },
        },
        { platform: 'linux-x64', channel: 'stable', outcome: { type: 'nothing-offered', revision: 4 } },
      ],
      ['fail win32-x64: TRUST_PUBLISHER: No.', 'warn linux-x64: Every release on stable is withdrawn.'],
    ],
  ])('%s', (_what, releases, expected) => {
    expect(bad(checkReleases(releases, 'stable', 1))).toEqual(expected);
  });
});

describe('checkContent', () => {
  const url = 'https://cdn.example.org/x';
  const answer = (status: number, headers: Record<string, string> = {}): AnswerFacts => ({
    type: 'answer',
    url,
    status,
    headers,
  });
  const range = (status: number, headers: Record<string, string> = {}) => ({
    ranges: [{ length: 10, answer: answer(status, headers) }],
  });
  const part = { 'content-range': 'bytes 9-9/10' };

  it.each<[string, Parameters<typeof checkContent>[0], readonly string[]]>([
    ['a range', range(206, { ...part, 'cache-control': 'public, max-age=31536000, immutable' }), []],
    [
      'no caching',
      range(206, { ...part, 'cache-control': 'no-store' }),
      ['warn cdn.example.org: "cache-control: no-store" keeps caches from helping with files that never change.'],
    ],
    [
      'no ranges',
      range(200),
      ['warn cdn.example.org: It does not serve ranges: downloads cannot resume, and small updates are not possible.'],
    ],
    [
      'another range',
      range(206, { 'content-range': 'bytes 0-9/10' }),
      [`fail cdn.example.org: ${url} answers with another range (bytes 0-9/10).`],
    ],
    ['a missing file', range(404), [`fail cdn.example.org: ${url} answers with status 404.`]],
    [
      'a server that cannot be reached',
      { ranges: [{ length: 1, answer: { type: 'failed', url, message: 'Away.' } }] },
      ['fail cdn.example.org: Away.'],
    ],
    ['a timestamp that is not cached', { ranges: [], timestamp: answer(200, { 'cache-control': 'no-cache' }) }, []],
    ['a timestamp kept for a minute', { ranges: [], timestamp: answer(200, { 'cache-control': 'max-age=60' }) }, []],
    [
      'a timestamp kept for an hour in shared caches',
      { ranges: [], timestamp: answer(200, { 'cache-control': 'max-age=0, s-maxage=3600' }) },
      ['warn timestamp.json: Caches may keep it for 3600 seconds: apps see a new release that much later.'],
    ],
    [
      'a timestamp behind a cache',
      { ranges: [], timestamp: answer(200, { 'x-cache': 'Hit' }) },
      ['warn timestamp.json: A cache stands in front, and nothing tells it how long to keep it.'],
    ],
    [
      'a server that answers every address with a page',
      { ranges: [], nextRoot: answer(200, { 'content-type': 'text/html' }) },
      [`fail Next root: ${url} should not be there, and answers with a text/html.`],
    ],
    [
      'a 404 kept for a day',
      { ranges: [], nextRoot: answer(404, { 'cache-control': 'max-age=86400' }) },
      ['warn Next root: Its 404 is cached for 86400 seconds: apps see a new root late.'],
    ],
    ['a 404 that is not cached', { ranges: [], nextRoot: answer(404) }, []],
  ])('%s', (_what, facts, expected) => {
    expect(bad(checkContent(facts))).toEqual(expected);
  });
});
