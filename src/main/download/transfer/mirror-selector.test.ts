import { expect, it } from 'vitest';

import { UpdateError } from '../../../shared/errors.ts';
import { systemClock } from '../../node/clock.ts';
import { silentLogger } from '../../node/logger.ts';
import { DownloadContext } from '../context.ts';
import { MirrorSelector } from './mirror-selector.ts';
import { newMirrorState } from './mirror-state.ts';

it('asks a mirror again after a pause that was disabled before it', async () => {
  const context = new DownloadContext({
    baseUrls: ['https://a.test'],
    http: { get: () => Promise.reject(new Error('not used')), close: async () => undefined },
    clock: systemClock,
    logger: silentLogger,
  });
  const mirrors = context.mirrors.map((mirror) => ({
    ...newMirrorState(mirror),
    failures: 5,
    disabledBy: new UpdateError('DOWNLOAD_HTTP_STATUS', 'The server is busy.'),
  }));
  const { signal } = new AbortController();
  const sink = { ranges: [], write: async () => undefined };
  const job = {
    length: 1,
    locations: ['f'],
    mirrors,
    sink,
    signal,
    onReceived: () => undefined,
    onRequest: () => undefined,
  };
  const selector = new MirrorSelector(context, job);
  const next = await selector.next(signal);
  expect({ url: next?.url, failures: next?.failures, disabledBy: next?.disabledBy }).toEqual({
    url: 'https://a.test/',
    failures: 0,
    disabledBy: undefined,
  });
});
