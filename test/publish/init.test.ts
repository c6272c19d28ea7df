// @module-tag slow
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { scriptApi } from './scripted-api.ts';
import { app, type CliResult, type CliWorld, createCliWorld, jsonOf, passphrase } from './cli-world.ts';

function codeOf(result: CliResult): unknown {
  return (jsonOf(result) as { error?: { code: string } }).error?.code;
}

function initArgs(world: CliWorld, ...more: readonly string[]): readonly string[] {
  const { metadataUrl, targetsUrl } = world.repository;
  const urls = [`--metadata-url=${metadataUrl}`, `--targets-url=${targetsUrl}`];
  return ['init', '--app', app, ...urls, '--out', world.path('new'), '--yes', '--json', ...more];
}

describe('electron-tuf keygen', () => {
  it('generates a key that init accepts, and never overwrites it', async () => {
    await using world = await createCliWorld();
    const first = await world.run('keygen', '--json');
    const { keyid } = jsonOf(first) as { keyid: string };
    const second = await world.run('keygen', '--json');
    expect([first.code, (await stat(world.path('publisher.pem'))).mode & 0o777, second.code, codeOf(second)]).toEqual([
      0,
      0o600,
      1,
      'PUBLISH_KEY',
    ]);
    expect(await readFile(world.path('publisher.pub.json'), 'utf8')).toContain(keyid);
    expect(await readFile(world.path('publisher.pem'), 'utf8')).not.toContain(passphrase);
  });
});

describe('electron-tuf init', () => {
  it('gets the root from the API, shows what to compare, and writes the files that the app embeds', async () => {
    await using world = await createCliWorld();
    const root = await readFile(join(world.repository.store.places.metadata, '1.root.json'));
    const keys = ['--publisher-key', 'a.pub.json', '--publisher-key', 'b.pub.json', '--threshold', '2'];
    const result = await world.run(...initArgs(world, '--api', world.repository.apiUrl, ...keys));
    const { signed } = JSON.parse(root.toString()) as {
      signed: { expires: string; roles: Record<string, { keyids: string[] }> };
    };
    expect({ code: result.code, report: jsonOf(result) }).toMatchObject({
      code: 0,
      report: {
        root: {
          version: 1,
          expires: signed.expires,
          sha256: createHash('sha256').update(root).digest('hex'),
          roles: [
            { name: 'root', threshold: 2, keys: signed.roles['root']?.keyids.map((keyid) => ({ keyid })) },
            { name: 'targets', threshold: 1 },
            { name: 'snapshot', threshold: 1 },
            { name: 'timestamp', threshold: 1 },
          ],
        },
      },
    });
    expect(await readFile(world.path('new/root.json'))).toEqual(root);
    expect(JSON.parse(await readFile(world.path('new/update.json'), 'utf8'))).toEqual({
      ...world.config,
      publisher: { ...(world.config.publisher as object), threshold: 2 },
    });
  });

  it('increments the revision of the key set only if keys change', async () => {
    await using world = await createCliWorld();
    const revisions: unknown[] = [];
    for (const key of ['a', 'a', 'b']) {
      await world.run(...initArgs(world, '--root', 'update/root.json', '--publisher-key', `${key}.pub.json`));
      const { publisher } = JSON.parse(await readFile(world.path('new/update.json'), 'utf8')) as {
        publisher: { revision: number };
      };
      revisions.push(publisher.revision);
    }
    expect(revisions).toEqual([1, 1, 2]);
  });

  it('warns about an app without publisher keys', async () => {
    await using world = await createCliWorld();
    const { code, stderr } = await world.run(...initArgs(world, '--root', 'update/root.json', '--no-publisher-keys'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('no publisher keys') as string });
  });

  it.each<[string, string, (world: CliWorld) => Promise<readonly string[]>]>([
    [
      'a file that is no root',
      'TRUST_ROOT_INVALID',
      async (world) => (await writeFile(world.path('x'), '{}'), ['--root', 'x']),
    ],
    ['a root that was changed', 'TRUST_ROOT_INVALID', async (world) => (await tamper(world), ['--root', 'x'])],
    [
      'a root that belongs to another repository',
      'TRUST_UNSIGNED',
      async (world) => (await otherRoot(world), ['--root', 'x']),
    ],
    ['a missing root', 'TRUST_ROOT_INVALID', async () => Promise.resolve(['--root', 'nowhere.json'])],
    ['an API that is down', 'PUBLISH_UNREACHABLE', async () => Promise.resolve(['--api', 'http://127.0.0.1:9'])],
    [
      'a threshold that cannot be reached',
      'OPTIONS_INVALID',
      async () => Promise.resolve(['--root', 'update/root.json', '--threshold', '2']),
    ],
    [
      'metadata over plain HTTP',
      'DOWNLOAD_INSECURE_URL',
      async () => Promise.resolve(['--root', 'update/root.json', '--metadata-url', 'http://updates.example.org']),
    ],
  ])('writes nothing for %s', async (_what, code, prepare) => {
    await using world = await createCliWorld();
    const result = await world.run(...initArgs(world, '--publisher-key', 'a.pub.json', ...(await prepare(world))));
    expect({ code: codeOf(result), written: (await readdir(world.directory)).includes('new') }).toEqual({
      code,
      written: false,
    });
  });

  it('takes a root.json that an editor began with a byte order mark, and embeds it without', async () => {
    await using world = await createCliWorld();
    const root = await readFile(world.path('update/root.json'));
    await writeFile(world.path('marked.json'), Buffer.concat([Buffer.from('\uFEFF'), root]));
    const { code } = await world.run(
      ...initArgs(world, '--root', 'marked.json', '--no-publisher-keys', '--out', 'marked'),
    );
    expect({ code, same: root.equals(await readFile(world.path('marked/root.json'))) }).toEqual({
      code: 0,
      same: true,
    });
  });

  it('stops if the API and the metadata server have different roots', async () => {
    await using world = await createCliWorld();
    await using other = await createCliWorld();
    const root: unknown = JSON.parse(await readFile(other.path('update/root.json'), 'utf8'));
    await using api = await scriptApi({ body: { data: { trusted_root: root }, message: 'Current Settings' } });
    const result = await world.run(...initArgs(world, '--publisher-key', 'a.pub.json', '--api', api.url));
    expect({ code: codeOf(result), written: (await readdir(world.directory)).includes('new') }).toEqual({
      code: 'TRUST_ROOT_INVALID',
      written: false,
    });
  });
});

async function tamper(world: CliWorld): Promise<void> {
  const text = await readFile(world.path('update/root.json'), 'utf8');
  await writeFile(world.path('x'), text.replace(/"threshold": ?2/, '"threshold": 1'));
}

async function otherRoot(world: CliWorld): Promise<void> {
  await using other = await createCliWorld();
  await writeFile(world.path('x'), await readFile(other.path('update/root.json')));
}
