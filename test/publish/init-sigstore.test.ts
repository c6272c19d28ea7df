// @module-tag slow
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { embedUpdateFiles } from '../../src/builder/embed.ts';
import { anyKey, type AnyKey, plainPlan, writePlan } from '../support/signed-world.ts';
import { createSigstoreWorld } from '../support/sigstore-world.ts';
import { serveDirectory } from '../support/web-server.ts';
import { coded } from '../support/world.ts';
import { app, type CliResult, createCliWorld, jsonOf } from './cli-world.ts';

const sigstore = await createSigstoreWorld();
const ann = sigstore.signer('https://people.example.org/ann', 'https://accounts.example.org');

/** A repository whose root these keys sign alone. */
async function repositoryOf(...keys: readonly AnyKey[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const plan = plainPlan([anyKey('ed25519')]);
  const files = writePlan({ ...plan, keys: { ...plan.keys, root: keys } });
  return sigstore.seal(files, [ann]);
}

it('init, builder and doctor follow a root that a Sigstore identity signed, and refuse it without a trusted root', async () => {
  await using world = await createCliWorld();
  const files = await repositoryOf(ann);
  const web = await serveDirectory('/nowhere');
  web.answer = (path, response) => {
    const bytes = files.get(path.slice('/metadata/'.length));
    return Promise.resolve(response.writeHead(bytes === undefined ? 404 : 200).end(bytes) !== undefined);
  };
  const root = files.get('1.root.json') ?? Buffer.alloc(0);
  await writeFile(world.path('signed.json'), root);
  await writeFile(world.path('own-sigstore.json'), sigstore.trustedRoot);
  await writeFile(world.path('other.json'), '{}');
  const urls = [`--metadata-url=${web.url}/metadata/`, `--targets-url=${web.url}/content/`];
  const init = async (...more: readonly string[]): Promise<CliResult> =>
    world.run(
      'init',
      '--app',
      app,
      ...urls,
      '--root',
      'signed.json',
      '--publisher-key',
      'a.pub.json',
      '--out',
      'new',
      '--yes',
      '--json',
      ...more,
    );
  const codeOf = (result: CliResult): unknown => (jsonOf(result) as { error?: { code: string } }).error?.code;
  try {
    expect({
      without: codeOf(await init()),
      another: codeOf(await init('--trusted-root', 'other.json')),
      both: codeOf(await init('--trusted-root', 'own-sigstore.json', '--sigstore')),
      written: (await readdir(world.directory)).includes('new'),
    }).toEqual({
      without: 'OPTIONS_CONFIG_MISSING',
      another: 'OPTIONS_CONFIG_INVALID',
      both: 'OPTIONS_INVALID',
      written: false,
    });

    const done = await init('--trusted-root', 'own-sigstore.json');
    expect(jsonOf(done)).toMatchObject({ root: { version: 1, sigstoreRoles: ['root'] } });
    const again = await init();
    expect([done.code, again.code, Buffer.from(await readFile(world.path('new/trusted_root.json')))]).toEqual([
      0,
      0,
      Buffer.from(sigstore.trustedRoot),
    ]);

    await embedUpdateFiles(world.path('new'), world.path('packed'), 'linux');
    expect((await readdir(world.path('packed'))).toSorted()).toEqual(['root.json', 'trusted_root.json', 'update.json']);
    const doctor = await world.run('doctor', '--update', 'new', '--json');
    const { findings } = jsonOf(doctor) as { findings: readonly { about: string; level: string }[] };
    const levels = Object.fromEntries(findings.map(({ about, level }) => [about, level]));
    expect(levels).toMatchObject({ Sigstore: 'ok', Repository: 'ok' });

    await rm(world.path('new/trusted_root.json'));
    expect(await coded(() => embedUpdateFiles(world.path('new'), world.path('packed-2'), 'linux'))).toBe(
      'OPTIONS_CONFIG_MISSING',
    );
  } finally {
    await web.close();
  }
});
