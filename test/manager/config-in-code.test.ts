import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { createHeadlessUpdater } from '../../src/main/headless.ts';
import type { UpdateConfig } from '../../src/shared/update-config.ts';
import { keySetOf, sealIndex } from '../support/publisher.ts';
import { app } from '../support/release-index.ts';
import { artifact, coded, indexPath, indexWith, inWorld } from '../support/world.ts';

it('checks a configuration in code as strictly as an embedded one', async () =>
  inWorld(async ({ keys, web, writer }) => {
    const publisher = keySetOf(keys);
    const config: UpdateConfig = {
      schema: 1,
      app,
      metadataUrl: `${web.url}/metadata/`,
      targetsUrls: [`${web.url}/content/`],
      channel: 'stable',
      publisher,
    };
    const start = async (change: Partial<UpdateConfig>): Promise<string> => {
      const stateDirectory = await mkdtemp(join(tmpdir(), 'in-code-'));
      try {
        return await coded(async () => {
          const updater = await createHeadlessUpdater({
            name: 'Notes',
            version: '1.0.0',
            root: writer.anchor,
            stateDirectory,
            config: { ...config, ...change },
          });
          await updater.close();
          return 'started';
        });
      } finally {
        await rm(stateDirectory, { recursive: true });
      }
    };
    const [key] = publisher.keys;
    if (key === undefined) throw new Error('The world has no key.');
    const results = [
      await start({ versionFloor: '1.0.0-beta.1' }),
      await start({ publisher: { ...publisher, threshold: 0 } }),
      await start({ publisher: { ...publisher, threshold: 3 } }),
      await start({ publisher: { revision: 1, threshold: 2, keys: [key, key] } }),
      await start({ versionFloor: 'two' }),
      await start({ metadataUrl: 'http://updates.example/' }),
      await start({ targetsUrls: ['not an address'] }),
      await start({ app: '../notes' }),
    ];
    expect(results.slice(0, 7)).toEqual(['started', ...Array<string>(6).fill('OPTIONS_CONFIG_INVALID')]);
    expect(results[7]).not.toBe('started');
  }));

it('refuses a publisher key set with threshold 0', async () =>
  inWorld(async ({ install, keys, writer }) => {
    await writer.publish(artifact('1.1.0').file, { path: indexPath, bytes: sealIndex(indexWith('1.1.0', 10), []) });
    const publisher = keySetOf(keys);
    await expect(install({ publisher: { ...publisher, threshold: 0 } })).rejects.toMatchObject({
      code: 'OPTIONS_CONFIG_INVALID',
    });
  }));
