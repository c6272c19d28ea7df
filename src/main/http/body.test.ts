import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../shared/errors.ts';
import { Body } from './body.ts';

interface Rig {
  readonly body: Body;
  readonly calls: string[];
}

function rig(limits: { maxBytes?: number; idleTimeoutMs?: number } = {}): Rig {
  const calls: string[] = [];
  const connection = {
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    close: () => calls.push('close'),
  };
  const body = new Body(connection, { maxBytes: 1e9, idleTimeoutMs: 30, ...limits }, (error) =>
    calls.push(`end ${error?.code ?? 'well'}`),
  );
  return { body, calls };
}

async function sizes(body: Body): Promise<number[]> {
  const found: number[] = [];
  for await (const chunk of body) found.push(chunk.length);
  return found;
}

describe('Body', () => {
  it('delivers chunks in order, whether they arrive before or after the reader asks', async () => {
    const { body, calls } = rig();
    body.push(new Uint8Array(1));
    const reading = sizes(body);
    await Promise.resolve();
    body.push(new Uint8Array(2));
    body.push(new Uint8Array(3));
    body.finish();
    expect([await reading, calls]).toEqual([[1, 2, 3], ['end well']]);
  });

  it('pauses the connection while the reader is busy', async () => {
    const { body, calls } = rig();
    for (let count = 0; count < 4; count++) body.push(new Uint8Array(40_000));
    expect(calls).toEqual(['pause']);
    await body.next();
    await body.next();
    await body.next();
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('fails once more than maxBytes arrived, after delivering the allowed bytes', async () => {
    const { body, calls } = rig({ maxBytes: 10 });
    body.push(new Uint8Array(10));
    body.push(new Uint8Array(1));
    expect((await body.next()).value?.length).toBe(10);
    await expect(body.next()).rejects.toMatchObject({ code: 'DOWNLOAD_TOO_LONG' });
    expect(calls).toEqual(['close', 'end DOWNLOAD_TOO_LONG']);
  });

  it('fails when nothing arrives in time', async () => {
    await expect(rig().body.next()).rejects.toMatchObject({ code: 'DOWNLOAD_TIMEOUT' });
  });

  it('fails when only a byte arrives now and then', async () => {
    const { body } = rig({ idleTimeoutMs: 60 });
    const timer = setInterval(() => body.push(new Uint8Array(1)), 5);
    await expect(sizes(body)).rejects.toMatchObject({ code: 'DOWNLOAD_TIMEOUT' });
    clearInterval(timer);
  });

  it('delivers what arrived before the connection failed', async () => {
    const { body } = rig();
    body.push(new Uint8Array(5));
    body.fail(new UpdateError('DOWNLOAD_TRUNCATED', 'broke off'));
    expect((await body.next()).value?.length).toBe(5);
    await expect(body.next()).rejects.toMatchObject({ code: 'DOWNLOAD_TRUNCATED' });
  });

  it('closes the connection when the reader stops early', async () => {
    const { body, calls } = rig();
    body.push(new Uint8Array(5));
    for await (const _chunk of body) break;
    expect(calls).toEqual(['close', 'end CANCELLED']);
  });
});
