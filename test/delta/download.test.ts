// @module-tag slow
import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Progress } from '../../src/shared/state.ts';
import {
  createDeltaRig,
  type DeltaFiles,
  type DeltaRig,
  type DeltaServer,
  makeDeltaFiles,
  sha256,
  startDeltaServer,
} from '../support/delta-rig.ts';
import * as evil from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';

/** Half noise, half text, so that packs are smaller than artifacts. */
const parts = Array.from({ length: 40 }, (_, part) =>
  part % 2 === 0 ? seededBytes(20_000, part + 1) : Buffer.from(`line ${part} of some text\n`.repeat(900)),
);
const old = Buffer.concat(parts);
const fresh = Buffer.concat([
  ...parts.slice(0, 10),
  seededBytes(3000, 100),
  ...parts.slice(10, 30),
  seededBytes(3000, 101),
  ...parts.slice(30),
]);

let files: DeltaFiles;
let server: DeltaServer;
let rig: DeltaRig;
beforeAll(async () => {
  files = await makeDeltaFiles(old, fresh);
});
beforeEach(async () => {
  server = await startDeltaServer(files);
  rig = await createDeltaRig(files, [server.url]);
});
afterEach(async () => {
  await rig.close();
  await server.close();
});

describe('a plan', () => {
  it('is the patch if its base is present, whatever its name and location', async () => {
    const seeds = [rig.path('missing'), await rig.seed('other', fresh.subarray(5)), await rig.seed('some', old)];
    expect([await rig.plan(seeds), server.asked]).toEqual([
      { kind: 'patch', downloadSize: files.patch.length, fullSize: fresh.length },
      [],
    ]);
  });

  it('says nothing of a file that is not there, such as the previous version at a first update', async () => {
    await rig.plan([rig.path('.Notes.previous'), await rig.seed('some', old)], { patches: [] });
    expect(rig.lines).toEqual([]);
  });

  it('is the patch from the base among several files', async () => {
    const other = Buffer.from(old).reverse();
    await rig.run(rig.request([await rig.seed('b', other), await rig.seed('a', old)]));
    expect(server.asked).toEqual(['patch']);
  });

  it('is chunks with any other seed, and knows their exact size', async () => {
    const request = rig.request([await rig.seed('other', old.subarray(100))]);
    const plan = await rig.downloader.plan(request);
    const outcome = await rig.run(request);
    expect({ plan, outcome, asked: server.asked.filter((name) => name !== 'pack') }).toEqual({
      plan: { kind: 'chunks', downloadSize: expect.any(Number) as number, fullSize: fresh.length },
      outcome: {
        right: true,
        received: plan.downloadSize - files.index.length,
        saved: fresh.length - plan.downloadSize + files.index.length,
      },
      asked: ['chunks'],
    });
    expect(plan.downloadSize).toBeLessThan(files.pack.length / 3);
  });

  it('fetches the chunk index again if another one is listed', async () => {
    const seeds = [await rig.seed('other', old.subarray(100))];
    const { chunks } = rig.request(seeds).delta ?? {};
    if (chunks === undefined) throw new Error('The rig has no chunks.');
    const lost = { ...chunks, sha256: '0'.repeat(64), find: async () => Promise.resolve(undefined) };
    const kinds = [await rig.plan(seeds, { patches: [], chunks: lost }), await rig.plan(seeds, { patches: [] })];
    expect(kinds.map(({ kind }) => kind)).toEqual(['full', 'chunks']);
  });

  it('is the whole pack without seeds, and the whole file without delta or network', async () => {
    const whole = { kind: 'full', downloadSize: fresh.length, fullSize: fresh.length };
    expect(await rig.plan([])).toMatchObject({ kind: 'chunks', downloadSize: files.pack.length + files.index.length });
    const { delta: _, ...plain } = rig.request([]);
    expect(await rig.downloader.plan(plain)).toEqual(whole);
    const lost = await createDeltaRig(files, ['http://127.0.0.1:1/']);
    expect(await lost.plan([])).toEqual(whole);
    await lost.close();
  });
});

describe('a download with a delta', () => {
  it('transfers only the patch and leaves only the file', async () => {
    const outcome = await rig.run(rig.request([await rig.seed('old', old)]));
    expect({
      outcome,
      asked: server.asked,
      names: await rig.names(),
    }).toEqual({
      outcome: { right: true, received: files.patch.length, saved: fresh.length - files.patch.length },
      asked: ['patch'],
      names: ['app'],
    });
  });

  it('makes the file and its name durable, but no auxiliary files', async () => {
    const probe = await open(await rig.seed('old', old));
    const flushes = vi.spyOn(Object.getPrototypeOf(probe) as FileHandle, 'sync');
    await probe.close();
    try {
      await rig.run(rig.request([rig.path('seeds/old')]));
      expect([server.asked, flushes.mock.calls.length]).toEqual([['patch'], 2]);
    } finally {
      flushes.mockRestore();
    }
  });

  it('reuses chunks of an installed tree', async () => {
    const seeds = await Promise.all(parts.map(async (part, name) => rig.seed(String(name), part)));
    const outcome = await rig.run(rig.request(seeds, { patches: [] }));
    expect(outcome).toMatchObject({ right: true });
    expect(await rig.names()).toEqual(['app']);
    expect('received' in outcome && outcome.received).toBeLessThan(files.pack.length);
  });

  it('transfers the pack instead of the file if there are no seeds', async () => {
    expect([await rig.run(rig.request([])), server.asked]).toEqual([
      {
        right: true,
        received: files.pack.length + files.index.length,
        saved: fresh.length - files.pack.length - files.index.length,
      },
      ['chunks', 'pack'],
    ]);
  });

  it.each(['patch', 'chunks', 'full'] as const)('shows progress that never moves back (%s)', async (method) => {
    const seeds = method === 'full' ? [] : [await rig.seed('old', method === 'patch' ? old : old.subarray(9))];
    const seen: Progress[] = [];
    const rapid = await createDeltaRig(files, [server.url], {
      monotonic: (
        (now) => () =>
          (now += 200)
      )(0),
    });
    const request = rapid.request(seeds, method === 'full' ? { patches: [] } : {});
    await rapid.run({ ...request, onProgress: (progress) => seen.push(progress) });
    await rapid.close();
    const received = seen.map((progress) => progress.received);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect({
      phase: seen.at(-1)?.phase,
      received: seen.at(-1)?.received,
      hasSeveralPhases: new Set(seen.map(({ phase }) => phase)).size > 1,
    }).toEqual({
      phase: 'verify',
      received: fresh.length,
      hasSeveralPhases: true,
    });
  });

  it('can be paused, resumed and cancelled', async () => {
    const request = rig.request([await rig.seed('other', old.subarray(100))], { patches: [] });
    const cancelled = rig.downloader.start(request);
    cancelled.cancel();
    await expect(cancelled.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const task = rig.downloader.start({ ...request, onProgress: ({ phase }) => phase === 'copy' && task.pause() });
    const timer = setInterval(() => task.resume(), 20);
    await task.done;
    clearInterval(timer);
    expect((await readFile(rig.to)).equals(fresh)).toBe(true);
  });

  it('keeps the valid chunks of an interrupted plain download', async () => {
    const breakOff = [evil.truncated(600_000)];
    server.behaviours['app'] = (turn) => (breakOff.pop() ?? evil.hangUp)(turn);
    const request = rig.request([], { patches: [] });
    const { delta: _, ...plain } = request;
    expect(await rig.run(plain)).toMatchObject({ code: expect.stringMatching(/^DOWNLOAD_/) as string });
    const [planned, outcome] = [await rig.downloader.plan(request), await rig.run(request)];
    expect(planned.downloadSize).toBeLessThan(files.pack.length / 2);
    expect(outcome).toMatchObject({ right: true });
  });
});

describe('a download falls back to the next method after', () => {
  const flip = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 4;
    return copy;
  };

  it('a patch that every server serves corrupt', async () => {
    server.behaviours['patch'] = evil.flipping(300);
    expect(await rig.run(rig.request([await rig.seed('old', old)]))).toMatchObject({ right: true });
    expect({
      pack: server.asked.includes('pack'),
      app: server.asked.includes('app'),
      names: await rig.names(),
    }).toEqual({
      pack: true,
      app: false,
      names: ['app'],
    });
  });

  it('a signed patch that is invalid or produces another file', async () => {
    for (const patch of [Buffer.from('nonsense'), flip(files.patch, 60), flip(files.patch, files.patch.length - 3)]) {
      const bad = { ...files, patch };
      const corrupt = await startDeltaServer(bad);
      const client = await createDeltaRig(bad, [corrupt.url]);
      expect(await client.run(client.request([await client.seed('old', old)]))).toMatchObject({ right: true });
      expect(corrupt.asked.includes('app')).toBe(false);
      await client.close();
      await corrupt.close();
    }
  });

  it('a chunk index that is corrupt, belongs to another file, or is missing', async () => {
    const other = await makeDeltaFiles(old, old);
    for (const index of [flip(files.index, 9), flip(files.index, 40), other.index, Buffer.alloc(200)]) {
      const bad = { ...files, index };
      const corrupt = await startDeltaServer(bad);
      const client = await createDeltaRig(bad, [corrupt.url], { maxConnections: 1 });
      const outcome = await client.run(client.request([await client.seed('some', old.subarray(8))]));
      expect([outcome, corrupt.asked]).toEqual([
        { right: true, received: fresh.length + index.length, saved: 0 },
        ['chunks', 'app'],
      ]);
      await client.close();
      await corrupt.close();
    }
    server.behaviours['chunks'] = evil.status(404);
    expect(await rig.run(rig.request([]))).toMatchObject({ right: true });
    expect(server.asked).toContain('app');
  });

  it('an index with wrong digests: the whole file is then fetched once', async () => {
    // The wrong digests of chunk 3 and of its frame, in an index that is signed.
    const index = flip(flip(files.index, 104 + 3 * 30 + 6), 104 + 5 * 30 + 14);
    const bad = { ...files, index };
    const corrupt = await startDeltaServer(bad);
    const client = await createDeltaRig(bad, [corrupt.url]);
    expect(await client.run(client.request([], { patches: [] }))).toMatchObject({ right: true });
    await client.close();
    await corrupt.close();
  });

  it('a frame that is corrupt on one mirror and comes from the other', async () => {
    const second = await startDeltaServer(files);
    const client = await createDeltaRig(files, [server.url, second.url]);
    server.behaviours['pack'] = evil.flipping(Math.floor(files.pack.length / 2));
    expect(await client.run(client.request([]))).toMatchObject({ right: true });
    expect({
      firstApp: server.asked.includes('app'),
      secondApp: second.asked.includes('app'),
      secondPack: second.asked.includes('pack'),
    }).toEqual({
      firstApp: false,
      secondApp: false,
      secondPack: true,
    });
    await client.close();
    await second.close();
  });

  it('a frame that is corrupt on all mirrors: only its chunk comes from the plain file', async () => {
    server.behaviours['pack'] = evil.flipping(Math.floor(files.pack.length / 2));
    const outcome = await rig.run(rig.request([]));
    expect([outcome, server.asked.at(-1)]).toMatchObject([{ right: true }, 'app']);
    expect('received' in outcome && outcome.received).toBeLessThan(fresh.length);
  });

  it.each([
    ['without ranges', evil.rangeless],
    ['that breaks off', evil.truncated(10_000)],
    ['that hangs up', evil.hangUp],
    ['that stalls', evil.stalling(5000)],
    ['with other ranges than requested', evil.withHeaders(() => ({ 'content-range': 'bytes 0-9/10' }))],
    ['that has no pack', evil.status(404)],
    ['in trouble', evil.status(503)],
  ])('a server %s', async (_name, behaviour) => {
    server.behaviours['pack'] = behaviour;
    expect(await rig.run(rig.request([await rig.seed('some', old.subarray(8))]))).toMatchObject({ right: true });
  });

  it('a base that changes while it is copied', async () => {
    const seed = await rig.seed('old', old);
    const request = rig.request([seed]);
    expect((await rig.downloader.plan(request)).kind).toBe('patch');
    await writeFile(seed, flip(old, 300_000));
    const outcome = await rig.run(request);
    expect([outcome, server.asked.includes('app')]).toMatchObject([{ right: true }, false]);
  });

  it('seeds that change or vanish after they were searched', async () => {
    const seeds = [await rig.seed('a', old.subarray(0, 400_000)), await rig.seed('b', old.subarray(400_000))];
    const request = rig.request(seeds, { patches: [] });
    await rig.downloader.plan(request);
    await writeFile(seeds[0] ?? '', Buffer.alloc(400_000));
    await rm(seeds[1] ?? '');
    expect(await rig.run(request)).toMatchObject({ right: true });
    expect(server.asked.includes('app')).toBe(false);
  });

  it('a signed index with wrong digests and a corrupt plain file: it fails', async () => {
    const other = flip(fresh, 1000);
    const made = await makeDeltaFiles(old, other);
    const index = Buffer.from(made.index);
    index.write(sha256(fresh), 32, 'hex');
    const corrupt = await startDeltaServer({ ...made, index });
    const client = await createDeltaRig({ ...made, fresh, index }, [corrupt.url]);
    const outcome = await client.run(client.request([await client.seed('some', old.subarray(8))], { patches: [] }));
    expect([outcome, corrupt.asked.includes('pack')]).toEqual([{ code: 'DOWNLOAD_MISMATCH' }, true]);
    await client.close();
    await corrupt.close();
  });

  it('the failure of everything: the error is that of the plain download', async () => {
    const seed = await rig.seed('old', old);
    await server.close();
    expect(await rig.run(rig.request([seed]))).toMatchObject({ code: expect.stringMatching(/^DOWNLOAD_/) as string });
    server = await startDeltaServer(files);
  });
});
