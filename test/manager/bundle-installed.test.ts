// @module-tag slow
import { open, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createDemoWorld } from '../../scripts/demo/world.ts';
import { readTar } from '../../src/files/tar.ts';
import { windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { jsonOf, startCli } from '../publish/cli-world.ts';
import { createScriptAppWorld, type ScriptApp, type ScriptAppWorld } from '../support/script-app.ts';

/** A bundle's whole way: a real repository and publisher, `electron-tuf bundle`, and an installed app without network. */
describe('an installed app and a bundle', requires(windows), () => {
  let apps: ScriptAppWorld;

  beforeAll(async () => {
    apps = await createScriptAppWorld(resolve(import.meta.dirname, 'bundle-app/main.ts'));
    await apps.publish('1.0.0');
    await apps.publish('1.1.0');
    await bundle('good', 'update');
    await bundle('first', 'update', '--version=1.0.0');
    await apps.publish('1.2.0', { channel: 'beta' });
    await bundle('beta', 'update', '--channel=beta');
    await otherApp();
    await apps.world.goOffline();
    await spoil();
  });
  afterAll(async () => apps.close());

  async function bundle(name: string, update: string, ...more: readonly string[]): Promise<void> {
    const args = [`--update=${update}`, `--platform=linux-${process.arch}`, `--out=${name}.bundle`, '--json', ...more];
    const result = await startCli(apps.directory, ['bundle', ...args]).done;
    if (result.code !== 0) throw new Error(result.stderr);
    expect(jsonOf(result)).toMatchObject({ kinds: ['appimage'] });
  }

  /** Of somebody else's repository. */
  async function otherApp(): Promise<void> {
    const directory = join(apps.directory, 'other');
    const other = await createDemoWorld(directory);
    const built = { version: '1.1.0', directory: join(apps.directory, 'releases/1.1.0'), artifact: '', length: 0 };
    await other.publish(built);
    await bundle('other', 'other/update');
    await other.close();
  }

  /** What can become of a bundle on its way. */
  async function spoil(): Promise<void> {
    const path = join(apps.directory, 'good.bundle');
    const bytes = await readFile(path);
    const file = await open(path);
    const entries = await readTar(file);
    await file.close();
    const places = { artifact: /AppImage$/, index: /linux-\w+\.json$/, timestamp: /timestamp\.json$/ };
    for (const [name, pattern] of Object.entries(places)) {
      const entry = need(entries.find((one) => pattern.test(one.name)));
      const spoilt = Buffer.from(bytes);
      const at = entry.offset + Math.trunc(entry.length / 2);
      spoilt.writeUInt8((spoilt.readUInt8(at) ^ 1) & 0xff, at);
      await writeFile(join(apps.directory, `${name}.bundle`), spoilt);
    }
    const artifact = need(entries.find((one) => places.artifact.test(one.name)));
    const header = bytes.lastIndexOf(artifact.name.slice(-100), artifact.offset);
    const missing = Buffer.concat([bytes.subarray(0, header), Buffer.alloc(1024)]);
    await writeFile(join(apps.directory, 'missing.bundle'), missing);
    await writeFile(join(apps.directory, 'cut.bundle'), bytes.subarray(0, artifact.offset + 20));
  }

  /** What became of each bundle. */
  const take = async (app: ScriptApp, names: readonly string[], daysAhead = 0): Promise<readonly string[]> =>
    app.run({
      NOTES_BUNDLES: names.map((name) => join(apps.directory, `${name}.bundle`)).join(':'),
      NOTES_CLOCK_AHEAD: String(daysAhead),
    });

  it('installs it and starts the new version, without network', async () => {
    const app = await apps.install('1.0.0');
    expect(await take(app, ['good'])).toEqual(['staged 1.1.0']);
    expect({ runs: await app.written('version'), installed: await app.installed() }).toEqual({
      runs: '1.1.0',
      installed: '1.1.0',
    });
  });

  it('refuses incomplete, foreign and missing bundles, and then installs a good one', async () => {
    const app = await apps.install('1.0.0');
    const names = ['index', 'timestamp', 'cut', 'other', 'nowhere', 'missing', 'artifact', 'good'];
    const lines = await take(app, names);
    expect(Object.fromEntries(names.map((name, at) => [name, lines[at]]))).toEqual({
      index: 'TRUST_MISMATCH',
      timestamp: 'TRUST_UNSIGNED',
      cut: 'OPTIONS_INVALID',
      other: 'TRUST_UNSIGNED',
      nowhere: 'OPTIONS_INVALID',
      missing: 'RELEASE_NOT_FOUND',
      artifact: 'DOWNLOAD_MISMATCH',
      good: 'staged 1.1.0',
    });
  });

  it('refuses a bundle of another channel or without a newer version, and installs any version that is newer', async () => {
    const [current, newer] = await Promise.all([apps.install('1.0.0'), apps.install('1.1.0')]);
    expect({ otherChannel: await take(current, ['beta']), notNewer: await take(newer, ['first']) }).toEqual({
      otherChannel: ['RELEASE_NOT_FOUND'],
      notNewer: ['RELEASE_NOT_FOUND'],
    });
    expect([await take(await apps.install('0.9.0'), ['first'])]).toEqual([['staged 1.0.0']]);
  });

  it.each([
    [28, 'staged 1.1.0'],
    [33, 'TRUST_EXPIRED'],
  ])('after %i days: %s, because metadata valid for 1 day is accepted for 30 days more', async (days, expected) => {
    expect(await take(await apps.install('1.0.0'), ['good'], days)).toEqual([expected]);
  });
});

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A step before has not done its work.');
  return value;
}
