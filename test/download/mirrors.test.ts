// @module-tag slow
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDownloadRig, type DownloadRig } from '../support/download-rig.ts';
import * as evil from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';

const bytes = seededBytes(3_000_000);
const length = bytes.length;

describe('a download from three mirrors', () => {
  let mirrors: evil.EvilServer[];
  let rig: DownloadRig;
  beforeEach(async () => {
    mirrors = await Promise.all(['"a"', '"b"', '"c"'].map((etag) => evil.startEvilServer(bytes, etag)));
    rig = await rigAt(1);
  });
  afterEach(async () => {
    await rig.close();
    await Promise.all(mirrors.map((mirror) => mirror.close()));
  });
  const rigAt = async (speed: number): Promise<DownloadRig> =>
    createDownloadRig(
      bytes,
      mirrors.map(({ url }) => url),
      { speed },
    );
  const behave = (...behaviours: readonly evil.Behaviour[]): void => {
    for (const [index, behaviour] of behaviours.entries()) mirrors[index]?.always(behaviour);
  };
  const requests = (): number[] => mirrors.map((mirror) => mirror.requests.length);
  const ranges = (index: number): unknown[] => mirrors[index]?.requests.map(({ headers }) => headers.range) ?? [];

  it('uses only the first while it works', async () => {
    expect([await rig.run(), requests()]).toEqual([
      { right: true, received: length, saved: 0, requests: 1 },
      [1, 0, 0],
    ]);
  });

  it.each(Array.from({ length: 9 }, (_, tenth) => (tenth + 1) / 10))(
    'leaves one that dies at %f for the next, and loses nothing',
    async (part) => {
      const end = Math.floor(length * part);
      mirrors[0]?.once(evil.truncated(end));
      behave(evil.hangUp);
      expect(await rig.run()).toEqual({ right: true, received: length, saved: 0, requests: 2 });
      expect([requests(), ranges(1)]).toEqual([[1, 1, 0], [`bytes=${end}-${length - 1}`]]);
    },
  );

  it('leaves a mirror that stalls, one that trickles, and one without the file', async () => {
    behave(evil.stalling(1_000_000), evil.slowloris);
    expect([await rig.run(), requests()]).toMatchObject([{ right: true, requests: 3 }, [1, 1, 1]]);
    behave(evil.status(404), evil.status(503, { 'retry-after': '3600' }));
    const other = await rigAt(1);
    expect([await other.run(), requests()]).toMatchObject([{ right: true, requests: 3 }, [2, 2, 2]]);
    await other.close();
  });

  it('does not ask a corrupt mirror again, in this download and the next', async () => {
    behave(evil.flipping(100_000), evil.flipping(2_900_000));
    expect([await rig.run(), requests()]).toEqual([
      { right: true, received: 3 * length, saved: 0, requests: 3 },
      [1, 1, 1],
    ]);
    const again = await rig.run({ to: `${rig.to}.again` });
    expect([again, requests()]).toMatchObject([{ right: true, requests: 1 }, [1, 1, 2]]);
    expect(rig.logger.lines.filter((line) => line.includes('other bytes'))).toHaveLength(2);
  });

  it('does not ask a corrupt or failing mirror again in the next process', async () => {
    const mirrorsFile = join(rig.directory, 'state', 'mirrors.json');
    const restarted = async (): Promise<unknown> => {
      const next = await createDownloadRig(
        bytes,
        mirrors.map(({ url }) => url),
        { speed: 1, mirrorsFile },
      );
      const outcome = await next.run();
      await next.close();
      const complaints = next.logger.lines.flatMap((line) => /mirrors\.json (is|cannot) [^:]+/.exec(line)?.[0] ?? []);
      return [outcome, requests(), [...new Set(complaints)]];
    };
    behave(evil.flipping(100_000), evil.status(404));
    expect([await restarted(), await restarted()]).toMatchObject([
      [{ right: true, requests: 3 }, [1, 1, 1], []],
      [{ right: true, requests: 1 }, [1, 1, 2], []],
    ]);
    // A corrupt file costs a request and a line in the log; so does one that cannot be read or written.
    behave(evil.good);
    await writeFile(mirrorsFile, '\0');
    expect(await restarted()).toMatchObject([
      { right: true },
      [2, 1, 2],
      ['mirrors.json is not valid and is dropped.'],
    ]);
    await rm(mirrorsFile);
    await mkdir(mirrorsFile);
    behave(evil.status(404));
    expect(await restarted()).toMatchObject([
      { right: true },
      [3, 2, 3],
      ['mirrors.json cannot be read', 'mirrors.json cannot be written'],
    ]);
  });

  it('identifies the corrupt mirror if the file came from several', async () => {
    behave(evil.hangUp);
    // The first mirror serves a corrupt third of the file, the second serves the rest.
    mirrors[0]?.once((turn) => evil.truncated(1_000_000)({ ...turn, bytes: seededBytes(length, 2) }));
    expect(await rig.run()).toMatchObject({ right: true });
    mirrors[0]?.always(evil.good);
    await rig.run({ to: `${rig.to}.again` });
    expect([requests()[0], requests()[2]]).toEqual([1, 0]);
  });

  it('fails with a reason if all mirrors are corrupt, and continues once one has the file again', async () => {
    behave(evil.flipping(1), evil.flipping(2), evil.flipping(3));
    expect({
      outcome: await rig.run(),
      names: await rig.names(),
      requests: requests(),
    }).toEqual({
      outcome: { code: 'DOWNLOAD_MISMATCH' },
      names: [],
      requests: [1, 1, 1],
    });
    behave(evil.flipping(1), evil.good);
    expect([await rig.run(), await rig.names()]).toMatchObject([{ right: true }, ['file.bin']]);
  });

  it('prefers a mirror with ranges once bytes are there', async () => {
    mirrors[0]?.once(evil.truncated(2_000_000));
    behave(evil.rangeless, evil.rangeless, evil.good);
    const outcome = await rig.run();
    expect(outcome).toMatchObject({ right: true });
    expect('received' in outcome && outcome.received).toBeLessThan(1.1 * length);
    expect(ranges(2)).toEqual([`bytes=2000000-${length - 1}`]);
  });

  it('fails with the reason of the last mirror if none works', async () => {
    behave(evil.hangUp, evil.silent, evil.status(500));
    const quick = await rigAt(50);
    expect(await quick.run()).toEqual({ code: 'DOWNLOAD_HTTP_STATUS' });
    await quick.close();
  });

  describe('of which the first is slow', () => {
    /** About 100 kB/s, which is 1 kB/s by the downloader's clock. The file would take most of an hour. */
    const slow = evil.trickling(1000, 10);
    /** At least half a second of real time, because a busy machine may need it for a response. */
    const timeouts = { headersTimeoutMs: 60_000, idleTimeoutMs: 60_000 };
    let quick: DownloadRig;
    beforeEach(async () => {
      const urls = mirrors.map(({ url }) => url);
      quick = await createDownloadRig(bytes, urls, { speed: 100, ...timeouts });
    });
    afterEach(async () => quick.close());

    it('switches to a faster mirror, keeps the bytes so far, and starts with the faster mirror next time', async () => {
      behave(slow);
      const outcome = await quick.run();
      expect([outcome, 'received' in outcome && outcome.received < 1.1 * length]).toMatchObject([
        { right: true },
        true,
      ]);
      // Either of the two good mirrors may be the faster one afterwards.
      const [first] = quick.logger.lines.filter((line) => line.includes('is faster than'));
      expect([requests()[0], first]).toEqual([1, expect.stringContaining(`faster than ${mirrors[0]?.url}`)]);
      await quick.run({ to: `${quick.to}.again` });
      expect(requests()[0]).toBe(1);
    });

    it('does not wait for the time-out of a silent mirror', async () => {
      behave(evil.silent);
      expect([await quick.run(), requests()[0]]).toMatchObject([{ right: true }, 1]);
    });

    it('switches for the end of the file too', async () => {
      // All but the last 200 kB are there. At a good rate, this tail would be too short to share.
      mirrors[0]?.once(evil.truncated(length - 200_000));
      behave(slow);
      const outcome = await quick.run();
      expect(outcome).toMatchObject({ right: true });
      expect('received' in outcome && outcome.received < 1.1 * length).toBe(true);
    });

    it('stays if the other mirrors are not faster, and probes each now and then, one at a time', async () => {
      const even = evil.trickling(20_000, 10);
      behave(even, even, even);
      const outcome = await quick.run();
      expect([outcome, 'received' in outcome && outcome.received < 1.1 * length]).toMatchObject([
        { right: true },
        true,
      ]);
      expect(quick.logger.lines.filter((line) => line.includes('is faster than'))).toEqual([]);
    });

    it('probes the other mirrors, and stays if they fail or lack ranges', async () => {
      behave(evil.trickling(50_000, 10), evil.status(404), evil.rangeless);
      expect(await quick.run()).toMatchObject({ right: true });
      expect(requests().every((count) => count > 0)).toBe(true);
    });

    it('still works if it is the only mirror', async () => {
      const alone = await createDownloadRig(bytes, [mirrors[0]?.url ?? ''], { speed: 100, ...timeouts });
      behave(evil.trickling(50_000, 10));
      expect(await alone.run()).toMatchObject({ right: true, received: length, requests: 1 });
      await alone.close();
    });

    it('stays if only the bandwidth cap makes it slow', async () => {
      const capped = await createDownloadRig(
        bytes,
        mirrors.map(({ url }) => url),
        { speed: 20, ...timeouts, bytesPerSecond: () => 100_000 },
      );
      expect([await capped.run(), requests()]).toMatchObject([{ right: true, requests: 1 }, [1, 0, 0]]);
      await capped.close();
    });
  });
});
