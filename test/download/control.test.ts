import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Progress } from '../../src/shared/state.ts';
import { listedChunks } from '../support/delta-rig.ts';
import { createDownloadRig, type DownloadRig } from '../support/download-rig.ts';
import * as evil from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { trustedTarget } from '../support/trusted-target.ts';

const bytes = seededBytes(3_000_000);
const length = bytes.length;
const speed = 50;

it('a cancelled plan ends at once, however slowly a mirror answers', async () => {
  const chunks = seededBytes(90_000);
  const server = await evil.startEvilServer(chunks);
  server.always(evil.trickling(100, 20));
  const rig = await createDownloadRig(bytes, [server.url]);
  const index = trustedTarget(chunks, { path: 'file.bin.chunks' });
  try {
    const asked = server.nextRequest();
    const abort = new AbortController();
    const plan = rig.downloader.plan({
      target: rig.target,
      to: rig.to,
      delta: { chunks: listedChunks({ index, pack: 'file.bin.pack' }), patches: [], seeds: [] },
      signal: abort.signal,
    });
    await asked;
    abort.abort();
    await expect(plan).rejects.toMatchObject({ code: 'CANCELLED' });
  } finally {
    await rig.close();
    await server.close();
  }
});

describe('a running download', () => {
  let server: evil.EvilServer;
  let rig: DownloadRig;
  beforeEach(async () => {
    server = await evil.startEvilServer(bytes);
    rig = await createDownloadRig(bytes, [server.url], { speed, idleTimeoutMs: 10_000 });
  });
  afterEach(async () => {
    await rig.close();
    await server.close();
  });

  /** Starts a download whose server stops after `bytes` bytes. Resolves when some of them are written. */
  const halfway = (
    request: { readonly signal?: AbortSignal } = {},
  ): {
    readonly task: ReturnType<DownloadRig['start']>;
    readonly there: Promise<void>;
    readonly reports: Progress[];
  } => {
    server.once(evil.stalling(1_500_000));
    const { promise, resolve } = Promise.withResolvers<void>();
    const reports: Progress[] = [];
    const task = rig.start({
      ...request,
      onProgress(progress) {
        reports.push(progress);
        if (progress.received >= 1_000_000) resolve();
      },
    });
    return { task, there: promise, reports };
  };

  it('closes its connection while paused and loses nothing', async () => {
    const { task, there } = halfway();
    await there;
    task.pause();
    await server.idle();
    task.pause();
    task.resume();
    const file = await task.done;
    expect([file.bytesReceived - length < 262_144, server.requests.length]).toEqual([true, 2]);
    expect(await rig.run()).toEqual({ right: true, received: 0, saved: length, requests: 0 });
  });

  it('can be paused before it starts and resumed at once', async () => {
    const task = rig.start();
    task.pause();
    task.resume();
    task.resume();
    expect((await task.done).bytesReceived).toBe(length);
  });

  it.each(['by its task', 'by a signal', 'while paused'])('can be cancelled %s and resumed later', async (how) => {
    const controller = new AbortController();
    const { task, there } = halfway({ signal: controller.signal });
    await there;
    if (how === 'while paused') task.pause();
    if (how === 'by a signal') controller.abort();
    else task.cancel();
    await expect(task.done).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await rig.names()).toEqual(['file.bin.part', 'file.bin.part.json']);
    const outcome = await rig.run();
    expect(outcome).toMatchObject({ right: true, requests: 1 });
    expect('saved' in outcome && [outcome.saved >= 1_000_000, outcome.saved + outcome.received]).toEqual([
      true,
      length,
    ]);
  });

  it('makes no request if it was cancelled before', async () => {
    const task = rig.start({ signal: AbortSignal.abort() });
    await expect(task.done).rejects.toMatchObject({ code: 'CANCELLED' });
    expect([server.requests, await rig.names()]).toEqual([[], []]);
  });

  it('reports rate and remaining time, never less progress than before, and the end', async () => {
    server.always(evil.trickling(100_000, 5));
    const reports: Progress[] = [];
    await rig.start({ onProgress: (progress) => reports.push(progress) }).done;
    const received = reports.map((report) => report.received);
    const amount: unknown = expect.any(Number);
    expect({
      received,
      last: reports.at(-1),
      lastDownload: reports.findLast(({ phase }) => phase === 'download'),
    }).toEqual({
      received: received.toSorted((a, b) => a - b),
      last: { phase: 'verify', received: length, total: length, saved: 0, bytesPerSecond: 0 },
      lastDownload: {
        phase: 'download',
        received: amount,
        total: length,
        saved: 0,
        bytesPerSecond: amount,
        etaSeconds: amount,
      },
    });
  });

  it('survives a listener that throws', async () => {
    const onProgress = (): never => {
      throw new Error('in the app');
    };
    expect(await rig.run({ onProgress })).toMatchObject({ right: true });
    expect(rig.logger.lines).toContain('error: The progress listener of a download threw.');
  });

  it('respects the bandwidth cap, which may change at any time', async () => {
    let cap: number | undefined = 1_000_000;
    const capped = await createDownloadRig(bytes, [server.url], { speed, bytesPerSecond: () => cap });
    const before = performance.now();
    const onProgress = ({ received }: Progress): void => {
      if (received > 2_000_000) cap = undefined;
    };
    expect(await capped.run({ onProgress })).toMatchObject({ right: true });
    // Two of the three megabytes at 1 MB/s, minus what a burst may bring.
    expect((performance.now() - before) * speed).toBeGreaterThan(1_500);
    await capped.close();
  });

  it('is refused while another download writes the same file', async () => {
    const { task, there } = halfway();
    await there;
    expect(await rig.run()).toEqual({ code: 'DOWNLOAD_BUSY' });
    task.cancel();
    await expect(task.done).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
