// @module-tag slow
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createClient } from '../../src/main/client.ts';
import type { ReleaseQuery } from '../../src/main/ports.ts';
import { readUpdateFiles } from '../../src/publish/init/update-files.ts';
import { readKeyFile } from '../../src/publish/keys/key-file.ts';
import { encodeEnvelope, signEnvelope, toEnvelope } from '../../src/publish/keys/sign-envelope.ts';
import { addTargets, storeContent } from '../../src/repository/index.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import type { ReleaseIndex } from '../../src/shared/release-index.ts';
import type { UpdateConfig } from '../../src/shared/update-config.ts';
import {
  app,
  type CliResult,
  type CliWorld,
  createCliWorld,
  jsonOf,
  passphrase,
  startCli,
  writeBuild,
} from './cli-world.ts';

const query: ReleaseQuery = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } };
const runbook = resolve(import.meta.dirname, '../../docs/runbook.md');

/** The commands that the runbook names under a heading, line by line. */
async function commandsOf(heading: string): Promise<readonly string[]> {
  const text = await readFile(runbook, 'utf8');
  const chapter = text.slice(text.indexOf(`## ${heading}`)).split(/\n## /)[0] ?? '';
  const blocks = [...chapter.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n').map((line) => line.trim())).filter((line) => line !== '');
}

/** An installed build: its own state, and the keys that were embedded. */
interface Installed {
  /** The versions that a check sees, or the code of the refusal. */
  check(): Promise<readonly string[] | string>;
}

function installed(world: CliWorld, name: string, config: UpdateConfig): Installed {
  return {
    async check() {
      const bytes = await readFile(world.path('update/root.json'));
      const client = createClient({ config, anchor: { type: 'root', bytes }, directory: world.path(name) });
      try {
        return (await client.trust.releaseIndex(query)).releases.map(({ version }) => version);
      } catch (error) {
        if (error instanceof UpdateError) return error.code;
        throw error;
      } finally {
        await client.close();
      }
    },
  };
}

/** Registers an index that somebody with the API and one key makes of the current one. */
async function forge(world: CliWorld, keyFile: string, change: (index: ReleaseIndex) => ReleaseIndex): Promise<void> {
  const index = (await world.index()) as ReleaseIndex;
  const key = await readKeyFile(world.path(keyFile), async () => Promise.resolve(passphrase));
  const bytes = encodeEnvelope(signEnvelope(toEnvelope(change({ ...index, revision: index.revision + 1 })), [key]));
  const path = `${app}/channels/stable/linux-x64.json`;
  await addTargets(world.repository.store, [await storeContent(world.repository.store, path, bytes)]);
}

/** A world in which the files have the names that the runbook gives them. */
async function createRunbookWorld(): Promise<CliWorld> {
  const world = await createCliWorld();
  await symlink(world.path('a.pem'), world.path('old.pem'));
  await symlink(world.repository.contentDirectory, world.path('content'));
  const one = world.config.publisher === 'none' ? [] : world.config.publisher.keys.slice(0, 1);
  const config = { ...world.config, publisher: { revision: 1, threshold: 1, keys: one } };
  await writeFile(world.path('update/update.json'), JSON.stringify(config));
  return { ...world, config };
}

describe('the runbook, when a publisher key was stolen', () => {
  it('works word for word: old builds follow, and the stolen key is refused', async () => {
    await using world = await createRunbookWorld();
    const [make, handOver, build, publish, retire, ...more] = await commandsOf('A publisher key was stolen');
    const run = async (line = ''): Promise<CliResult> => {
      const [program, ...args] = line.split(' ');
      expect(program).toBe('electron-tuf');
      const result = await startCli(world.directory, args, { ELECTRON_TUF_API: world.repository.apiUrl }).done;
      expect({ line, code: result.code, stderr: result.stderr }).toMatchObject({ line, code: 0 });
      return result;
    };
    const first = await world.run(...world.publishArgs(await world.build('1.0.0')));
    const online = installed(world, 'online', world.config);
    const sleeping = installed(world, 'sleeping', world.config);
    const before = { first: first.code, online: await online.check(), sleeping: await sleeping.check() };

    await run(make);
    await run(handOver);
    const handedOver = await online.check();
    const { config } = await readUpdateFiles(world.path('update'));
    expect(build).toBe('npm run dist');
    await writeBuild(world.path('dist'), '1.1.0');
    await run(publish);
    const fresh = installed(world, 'fresh', config);
    const after = { online: await online.check(), sleeping: await sleeping.check(), fresh: await fresh.check() };

    await forge(world, 'old.pem', (index) => ({ ...index, releases: index.releases.slice(1) }));
    const stolen = { online: await online.check(), sleeping: await sleeping.check(), fresh: await fresh.check() };
    await run('electron-tuf publish --restore --content content');
    await run(retire);
    const end = { online: await online.check(), sleeping: await sleeping.check(), fresh: await fresh.check() };
    expect({ before, handedOver, set: config.publisher, after, stolen, end, more }).toEqual({
      before: { first: 0, online: ['1.0.0'], sleeping: ['1.0.0'] },
      handedOver: ['1.0.0'],
      set: expect.objectContaining({ revision: 2, threshold: 1 }) as unknown,
      after: { online: ['1.1.0', '1.0.0'], sleeping: ['1.1.0', '1.0.0'], fresh: ['1.1.0', '1.0.0'] },
      stolen: {
        online: 'TRUST_PUBLISHER_UNSIGNED',
        sleeping: 'TRUST_PUBLISHER_UNSIGNED',
        fresh: 'TRUST_PUBLISHER_UNSIGNED',
      },
      end: { online: ['1.1.0', '1.0.0'], sleeping: ['1.1.0', '1.0.0'], fresh: ['1.1.0', '1.0.0'] },
      more: [],
    });
  });
});

describe('electron-tuf rotate-key', () => {
  it('requires the old key until the hand-over ends, and changes nothing when it runs again', async () => {
    await using world = await createRunbookWorld();
    const session = world.publishArgs('').slice(2);
    const rotate = [
      'rotate-key',
      ...session,
      `--key=${world.path('b.pem')}`,
      `--publisher-key=${world.path('b.pub.json')}`,
    ];
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const unsigned = await world.run('rotate-key', ...session, `--publisher-key=${world.path('b.pub.json')}`);
    const first = await world.run(...rotate);
    const again = await world.run(...rotate);
    const next = await world.build('1.1.0');
    const oldOnly = await world.run(...world.publishArgs(next));
    const newOnly = await world.run(
      ...world.publishArgs(next).map((word) => (word.startsWith('--key=') ? `--key=${world.path('b.pem')}` : word)),
    );
    const both = await world.run(...world.publishArgs(next, `--key=${world.path('b.pem')}`));
    const code = (result: CliResult): unknown =>
      result.code === 0 ? 'done' : (jsonOf(result) as { error: { code: string } }).error.code;
    expect({
      unsigned: code(unsigned),
      first: jsonOf(first),
      again: jsonOf(again),
      publish: [oldOnly, newOnly, both].map(code),
      index: await world.index(),
    }).toMatchObject({
      unsigned: 'PUBLISH_KEY',
      first: {
        publisher: { revision: 2 },
        formerPublishers: [{ revision: 1 }],
        indexes: [{ revision: 2, changed: true }],
      },
      again: { publisher: { revision: 2 }, indexes: [{ revision: 2, changed: false }] },
      publish: ['PUBLISH_KEY', 'PUBLISH_KEY', 'done'],
      index: { revision: 3, publisher: { revision: 2 }, formerPublishers: [{ revision: 1 }] },
    });
  });

  it('is carried over to the first index of another channel', async () => {
    await using world = await createRunbookWorld();
    const session = world.publishArgs('').slice(2);
    const both = `--key=${world.path('b.pem')}`;
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    await world.run('rotate-key', ...session, both, `--publisher-key=${world.path('b.pub.json')}`);
    const beta = await world.run(...world.publishArgs(await world.build('1.1.0'), both, '--channel=beta'));
    const bytes = await readFile(world.path('update/root.json'));
    const client = createClient({
      config: world.config,
      anchor: { type: 'root', bytes },
      directory: world.path('old build'),
    });
    const index = await client.trust.releaseIndex({ ...query, channel: 'beta' });
    await client.close();
    expect({ code: beta.code, index }).toMatchObject({
      code: 0,
      index: { channel: 'beta', publisher: { revision: 2 }, formerPublishers: [{ revision: 1 }] },
    });
  });

  it('is recommended by "publish --next-update" if the set is not newer, and nothing is published', async () => {
    await using world = await createRunbookWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const { root } = await readUpdateFiles(world.path('update'));
    await writeFile(world.path('root.json'), root);
    const init = await world.run(
      'init',
      '--root=root.json',
      `--app=${app}`,
      `--metadata-url=${world.config.metadataUrl}`,
      `--targets-url=${world.config.targetsUrls[0]}`,
      '--publisher-key=b.pub.json',
      '--out=next',
      '--yes',
    );
    const result = await world.run(
      ...world.publishArgs(await world.build('1.1.0'), '--next-update=next', `--key=${world.path('b.pem')}`),
    );
    expect({ init: init.code, code: result.code, error: jsonOf(result), index: await world.index() }).toMatchObject({
      init: 0,
      code: 1,
      error: { error: { code: 'PUBLISH_KEY', message: expect.stringContaining('electron-tuf rotate-key') as string } },
      index: { revision: 1 },
    });
  });

  it('is recommended if init changed the keys of an app that has releases', async () => {
    await using world = await createRunbookWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    const { root } = await readUpdateFiles(world.path('update'));
    await writeFile(world.path('root.json'), root);
    const init = await world.run(
      'init',
      '--root=root.json',
      `--app=${app}`,
      `--metadata-url=${world.config.metadataUrl}`,
      `--targets-url=${world.config.targetsUrls[0]}`,
      '--publisher-key=b.pub.json',
      '--yes',
    );
    const next = world.publishArgs(await world.build('1.1.0'));
    const result = await world.run(
      ...next.map((word) => (word.startsWith('--key=') ? `--key=${world.path('b.pem')}` : word)),
    );
    expect({ init: init.stderr, error: jsonOf(result) }).toMatchObject({
      init: expect.stringContaining('use "electron-tuf rotate-key" instead') as string,
      error: { error: { code: 'TRUST_PUBLISHER_UNSIGNED', message: expect.stringContaining('rotate-key') as string } },
    });
  });
});
