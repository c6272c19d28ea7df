// @module-tag slow
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';

import { createDownloadRig, type DownloadRig, type RigOptions } from '../support/download-rig.ts';
import * as evil from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';

const bytes = seededBytes(600_000);
const { length } = bytes;
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function startMirrors(count: number): Promise<readonly evil.EvilServer[]> {
  const mirrors = await Promise.all(
    Array.from({ length: count }, (_, index) => evil.startEvilServer(bytes, `"${index}"`)),
  );
  opened.push(...mirrors);
  return mirrors;
}

async function rigOf(mirrors: readonly evil.EvilServer[], options: RigOptions = {}): Promise<DownloadRig> {
  const rig = await createDownloadRig(
    bytes,
    mirrors.map(({ url }) => url),
    options,
  );
  opened.push(rig);
  return rig;
}

const givenUp = (requests: number): object => ({ code: 'DOWNLOAD_TRUNCATED', requests });

const requestsOf = (mirrors: readonly evil.EvilServer[]): number =>
  mirrors.reduce((sum, { requests }) => sum + requests.length, 0);

describe('a server that never completes a response', () => {
  it.each([
    ['has no ranges and breaks off at the same place', evil.withoutRanges(evil.cutWhole(100_000)), givenUp(5)],
    ['answers each range with a tiny piece', evil.crumbs(1000), givenUp(5)],
    ['breaks off, but only after enough new bytes', evil.truncated(100_000), { right: true, requests: 6 }],
  ] as const)('is asked a few times where it %s', async (_, behaviour, expected) => {
    const [mirror] = await startMirrors(1);
    mirror?.always(behaviour);
    const rig = await rigOf(mirror === undefined ? [] : [mirror]);
    const outcome = await rig.run();
    expect({ requests: mirror?.requests.length, ...outcome }).toMatchObject(expected);
  });

  it('gets range requests if it supports ranges without announcing them', async () => {
    const [mirror] = await startMirrors(1);
    mirror?.once(evil.silentAboutRanges(evil.truncated(100_000)));
    mirror?.always(evil.silentAboutRanges(evil.good));
    const rig = await rigOf(mirror === undefined ? [] : [mirror]);
    expect({ outcome: await rig.run(), ranges: mirror?.requests.map(({ headers }) => headers.range) }).toEqual({
      outcome: { right: true, received: length, saved: 0, requests: 2 },
      ranges: [undefined, `bytes=100000-${length - 1}`],
    });
  });
});

describe('a mirror that serves most of the file corrupt and then loses it', () => {
  it('does not withhold the update from a client that has an honest mirror', async () => {
    const mirrors = await startMirrors(2);
    const [corrupt] = mirrors;
    corrupt?.once(evil.lyingThenCut(480_000));
    corrupt?.always(evil.status(404));
    const rig = await rigOf(mirrors);
    expect(await rig.run()).toMatchObject({ right: true });
    const log = rig.logger.lines.filter((line) => line.includes('other bytes than were signed'));
    expect({ log: log.length, names: corrupt !== undefined && log[0]?.includes(corrupt.url) }).toEqual({
      log: 1,
      names: true,
    });
  });
});

describe('mirrors with faults of every kind', () => {
  const fault: fc.Arbitrary<evil.Behaviour> = fc.oneof(
    fc.constant(evil.good),
    fc.constant(evil.hangUp),
    fc.nat(length).map((after) => evil.truncated(after)),
    fc.nat(length - 1).map((at) => evil.flipping(at)),
    fc.nat(length).map((after) => evil.lyingThenCut(after)),
    fc.nat(length).map((after) => evil.withoutRanges(evil.cutWhole(after))),
    fc.constant(evil.silentAboutRanges(evil.good)),
    fc.nat(length).map((after) => evil.stalling(after)),
    fc
      .constantFrom(404, 403, 416, 500, 503, 200)
      .map((status) => (status === 200 ? evil.otherEdition : evil.status(status))),
    fc.integer({ min: 1, max: 100_000 }).map((size) => evil.crumbs(size)),
  );
  const faultyMirror = fc.array(fault, { minLength: 1, maxLength: 12 });

  /**
   * Each mirror may cost eight times the file, because a request with less than an eighth of new bytes counts as
   * failed.
   */
  const maxBytes = (mirrors: number): number => 8 * mirrors * length;
  const maxRequests = (mirrors: number): number => 80 * mirrors;

  it('do not prevent the signed file while one of them is honest, within bounds of bytes and requests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(faultyMirror, { minLength: 1, maxLength: 2 }), fc.nat(2), async (faults, position) => {
        const mirrors = await startMirrors(faults.length + 1);
        const honest = Math.min(position, faults.length);
        const faulty = mirrors.filter((_, index) => index !== honest);
        for (const [index, mirror] of faulty.entries()) mirror.always(evil.cycling(faults[index] ?? []));
        const rig = await rigOf(mirrors);
        const outcome = await rig.run();
        const requests = requestsOf(mirrors);
        const received = 'received' in outcome ? outcome.received : undefined;
        expect({
          outcome,
          bytes: received !== undefined && received <= maxBytes(mirrors.length),
          requests: requests <= maxRequests(mirrors.length),
        }).toMatchObject({ outcome: { right: true }, bytes: true, requests: true });
      }),
      { numRuns: 60, endOnFailure: false },
    );
  }, 240_000);

  it('end a download with a code if none of them is honest, within the same bound of requests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(faultyMirror, { minLength: 1, maxLength: 2 }), async (faults) => {
        const mirrors = await startMirrors(faults.length);
        for (const [index, mirror] of mirrors.entries()) mirror.always(evil.cycling(faults[index] ?? []));
        const rig = await rigOf(mirrors);
        const outcome = await rig.run();
        const isEnd = 'code' in outcome ? String(outcome.code).startsWith('DOWNLOAD_') : outcome.right;
        expect({ isEnd, requests: requestsOf(mirrors) <= maxRequests(mirrors.length) }).toEqual({
          isEnd: true,
          requests: true,
        });
      }),
      { numRuns: 40 },
    );
  }, 240_000);
});
