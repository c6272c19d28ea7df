import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';

import { readPolicyFile } from '../../src/main/manager/policy/admin-policy-file.ts';
import { closeApps, publishChannel, startApp } from '../support/managed-app.ts';
import { requires, root } from '../support/requires.ts';
import { inWorld } from '../support/world.ts';

afterEach(closeApps);

const attacker = 65_534;
const policy = JSON.stringify({ schema: 1, metadataUrl: 'https://attacker.example/', disable: true });

describe('a user who is no administrator', requires(root), () => {
  it.each<[string, (folder: string) => Promise<void>]>([
    ['a policy file of its own', async (folder) => chown(join(folder, 'app.json'), attacker, attacker)],
    ['a policy file that others may write', async (folder) => chmod(join(folder, 'app.json'), 0o666)],
    ['a folder that others may write', async (folder) => chmod(folder, 0o777)],
    ['a folder of its own', async (folder) => chown(folder, attacker, attacker)],
    [
      'a link to a file of its own',
      async (folder) => {
        await writeFile(join(folder, '../theirs.json'), policy);
        await chown(join(folder, '../theirs.json'), attacker, attacker);
        await rm(join(folder, 'app.json'));
        await symlink('../theirs.json', join(folder, 'app.json'));
      },
    ],
  ])('is not obeyed: %s', async (_, plant) => {
    const home = await mkdtemp(join(tmpdir(), 'policy-'));
    onTestFinished(async () => rm(home, { recursive: true }));
    const folder = join(home, 'policy');
    await mkdir(folder);
    await writeFile(join(folder, 'app.json'), policy);
    const honest = await readPolicyFile(join(folder, 'app.json'));
    await plant(folder);
    const planted = await readPolicyFile(join(folder, 'app.json'));
    expect({ honest: honest.type, planted: planted.type }).toEqual({ honest: 'policy', planted: 'ignored' });
  });
});

describe('whoever may write the policy file', () => {
  it('cannot lead the app to another repository', async () =>
    inWorld(async (mine) =>
      inWorld(async (theirs) => {
        await mine.release('1.1.0');
        await theirs.release('6.6.6');
        const { url } = theirs.web;
        const policy = { metadataUrl: `${url}/metadata/`, mirrors: [`${url}/content/`] };
        const { updater } = await startApp(mine, { policy });
        expect(await updater.check()).toMatchObject({ type: 'idle', lastError: { code: 'TRUST_UNSIGNED' } });
      }),
    ));

  it('cannot have other bytes installed by a mirror of their own', async () =>
    inWorld(async (mine) => {
      await mine.release('1.1.0');
      const { updater } = await startApp(mine, { policy: { mirrors: [`${mine.web.url}/content/`] } });
      await updater.check();
      mine.web.answer = async (path, response) => {
        if (!path.includes('/releases/')) return Promise.resolve(false);
        response.end('x'.repeat('the bytes of 1.1.0'.length));
        return Promise.resolve(true);
      };
      expect(await updater.download()).toMatchObject({ type: 'available', lastError: { code: 'DOWNLOAD_MISMATCH' } });
    }));

  it('cannot bring an older version back', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.1.0' }, { version: '1.0.0' }], { revision: 10 });
      const { updater } = await startApp(world, { version: '1.1.0', policy: { versions: '1.0.0' } });
      expect(await updater.check()).toMatchObject({ type: 'idle' });
      expect(updater.state).not.toHaveProperty('lastError');
    }));
});
