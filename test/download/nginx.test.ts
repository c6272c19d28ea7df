// @module-tag slow
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createDownloadRig } from '../support/download-rig.ts';
import { startEvilServer, truncated } from '../support/evil-server.ts';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { requires } from '../support/requires.ts';

const bytes = seededBytes(12_000_000);
const length = bytes.length;

describe('a download from nginx', requires('nginx'), () => {
  let directory: string;
  let fast: Nginx;
  let slow: Nginx;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'www-'));
    await writeFile(join(directory, 'file.bin'), bytes);
    [fast, slow] = await Promise.all([startNginx(directory), startNginx(directory, 'limit_rate 2m;')]);
  });
  afterAll(async () => {
    await Promise.all([fast.close(), slow.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  it('takes one request if one connection is fast enough', async () => {
    const rig = await createDownloadRig(bytes, [fast.url], { speed: 1, maxConnections: 4 });
    expect(await rig.run()).toEqual({ right: true, received: length, saved: 0, requests: 1 });
    await rig.close();
  });

  it('uses more connections if the server limits each, and fetches almost nothing twice', async () => {
    const rig = await createDownloadRig(bytes, [slow.url], { speed: 1, maxConnections: 4, idleTimeoutMs: 5000 });
    const outcome = await rig.run();
    expect(outcome).toMatchObject({ right: true });
    expect('requests' in outcome && [outcome.requests > 1, outcome.received < 1.1 * length]).toEqual([true, true]);
    await rig.close();
  });

  it('continues on nginx after another server broke off, with the validator of each', async () => {
    const other = await startEvilServer(bytes);
    const rig = await createDownloadRig(bytes, [other.url, fast.url], { speed: 1 });
    other.once(truncated(5_000_000));
    other.always(({ response }) => response.destroy());
    expect(await rig.run()).toEqual({ right: true, received: length, saved: 0, requests: 2 });
    await rig.close();
    await other.close();
  });

  it('resumes over several connections a download that several connections started', async () => {
    const rig = await createDownloadRig(bytes, [slow.url], { speed: 1, maxConnections: 4, idleTimeoutMs: 5000 });
    const task = rig.start({
      onProgress({ received }) {
        if (received > 6_000_000) task.cancel();
      },
    });
    await expect(task.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const outcome = await rig.run();
    expect(outcome).toMatchObject({ right: true });
    expect('saved' in outcome && outcome.saved).toBeGreaterThan(6_000_000);
    await rig.close();
  });
});
