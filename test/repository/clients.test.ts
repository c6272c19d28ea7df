// @module-tag slow
import { describe, expect, it } from 'vitest';

import {
  addTargets,
  removeTargets,
  rotateOnlineKey,
  rotateRoot,
  setExpiry,
  storeContent,
} from '../../src/repository/index.ts';
import { roleForPath } from '../../src/repository/tuf/delegation.ts';
import { serve } from './served.ts';

describe('tuf-js as the client', () => {
  it('finds and downloads added files, and nothing else', async () => {
    await using served = await serve();
    await served.publish('notes/1.0.0/app', 'one');
    const target = await (await served.refresh()).getTargetInfo('notes/1.0.0/app');
    expect({
      text: await served.read('notes/1.0.0/app'),
      custom: target?.custom,
      missing: await served.read('notes/2.0.0/app'),
    }).toEqual({ text: 'one', custom: { about: 'notes/1.0.0/app' }, missing: undefined });
  });

  it('follows additions, replacements and removals', async () => {
    await using served = await serve();
    await served.publish('notes/1.0.0/app', 'one');
    await served.refresh();
    await served.publish('notes/1.1.0/app', 'two');
    await served.publish('notes/latest', 'three');
    await served.publish('notes/latest', 'four');
    await removeTargets(served.repository.store, ['notes/1.0.0/app']);
    expect({
      removed: await served.read('notes/1.0.0/app'),
      added: await served.read('notes/1.1.0/app'),
      replaced: await served.read('notes/latest'),
    }).toEqual({ removed: undefined, added: 'two', replaced: 'four' });
  });

  it('follows rotations of the root keys and of the online key', async () => {
    await using served = await serve();
    await served.publish('notes/1.0.0/app', 'one');
    await served.refresh();
    await rotateRoot(served.repository.store);
    await rotateOnlineKey(served.repository.store);
    await rotateRoot(served.repository.store);
    await served.publish('notes/1.1.0/app', 'two');
    expect({
      before: await served.read('notes/1.0.0/app'),
      after: await served.read('notes/1.1.0/app'),
      root: served.repository.store.state?.root.version,
    }).toEqual({ before: 'one', after: 'two', root: 4 });
  });

  it.each(['timestamp', 'snapshot', 'targets', 'root', 'the bin'])('refuses an expired %s', async (role) => {
    await using served = await serve();
    const { store } = served.repository;
    await served.publish('notes/1.0.0/app', 'one');
    const bin = roleForPath(store.needState().targets.delegation, 'notes/1.0.0/app') ?? '';
    await setExpiry(store, role === 'the bin' ? bin : role, Date.now() - 1000);
    await expect(served.read('notes/1.0.0/app')).rejects.toThrow('expired');
  });

  it('sees fresh metadata again after a restart', async () => {
    await using served = await serve();
    await served.publish('notes/1.0.0/app', 'one');
    await setExpiry(served.repository.store, 'timestamp', Date.now() - 1000);
    await served.restart();
    expect(await served.read('notes/1.0.0/app')).toBe('one');
  });

  it.each([2, 256])('works with %i bins', async (bins) => {
    await using served = await serve({ bins });
    const { store } = served.repository;
    const paths = Array.from({ length: 12 }, (_, index) => `notes/1.0.${index}/app`);
    const artifacts = [];
    for (const path of paths) artifacts.push(await storeContent(store, path, Buffer.from(path)));
    await addTargets(store, artifacts);
    const texts = [];
    for (const path of paths) texts.push(await served.read(path));
    expect(texts).toEqual(paths);
  });

  it('works with custom roles, and reports the path that none of them covers', async () => {
    await using served = await serve({ roles: [{ name: 'notes', paths: ['notes/*/*', 'notes/*'] }] });
    await served.publish('notes/1.0.0/app', 'one');
    expect(await served.read('notes/1.0.0/app')).toBe('one');
    await expect(served.publish('other/1.0.0/app', 'x')).rejects.toMatchObject({
      code: 'PUBLISH_TASK_FAILED',
      message: expect.stringContaining('other/1.0.0/app'),
    });
  });
});
