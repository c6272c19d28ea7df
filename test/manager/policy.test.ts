import { afterEach, describe, expect, it } from 'vitest';

import { parseHours } from '../../src/main/manager/policy/time-windows.ts';
import { closeApps, publishChannel, startApp } from '../support/managed-app.ts';
import { inWorld, type World } from '../support/world.ts';

afterEach(closeApps);

describe('the administrator’s policy', () => {
  it.each([
    [{ disabled: true }, 'The administrator of this device turned updates off.'],
    [
      { type: 'invalid', reason: '/etc/x.json is not JSON.' } as const,
      'The policy file of this device cannot be used. Ask the administrator of this device.',
    ],
  ])('turns updates off: %j', async (policy, message) =>
    inWorld(async (world) => {
      const { updater } = await startApp(world, { policy });
      const state = await updater.check();
      expect({ state, requests: world.web.requests }).toMatchObject({
        state: { type: 'disabled', reason: 'policy', message },
        requests: [],
      });
    }),
  );

  it('still completes an earlier install if it turns updates off', async () =>
    inWorld(async (world) => {
      const rolledBack = { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' } as const;
      const launch = { execPath: '/opt/notes/notes', args: ['again'], env: {} };
      const results = [];
      for (const recovery of [
        { type: 'installed', from: '0.9.0', to: '1.0.0' } as const,
        rolledBack,
        { ...rolledBack, launch },
      ]) {
        const install = { recovery };
        const { updater, install: installer, host } = await startApp(world, { policy: { disabled: true }, install });
        await updater.confirmHealthy();
        const history = (await updater.history()).map(({ result, to }) => `${result} ${to}`);
        results.push([updater.state.type, history, installer.done, host.done]);
      }
      expect(results).toEqual([
        ['disabled', ['installed 1.0.0'], ['confirm'], []],
        ['disabled', ['rolled-back 1.0.0'], ['confirm'], []],
        ['rolled-back', ['rolled-back 1.0.0'], ['launch again', 'confirm'], ['exit']],
      ]);
    }));

  it('pins versions and chooses the channel and mirrors, and the user cannot override it', async () =>
    inWorld(async (world) => {
      await publishChannel(world, [{ version: '1.4.2' }, { version: '1.3.0' }], { revision: 1, channel: 'lts' });
      const policy = {
        versions: '~1.3',
        channel: 'lts',
        metadataUrl: `${world.web.url}/metadata`,
        mirrors: [`${world.web.url}/nothing/`, `${world.web.url}/content/`],
      };
      const { updater } = await startApp(world, { policy });
      const found = await updater.check();
      await expect(updater.setChannel('beta', { allowDowngrade: true })).rejects.toMatchObject({
        code: 'MANAGER_POLICY',
      });
      const { releases, facts } = await updater.diagnostics();
      expect({
        found,
        channel: updater.channel,
        channels: updater.channels,
        releases,
        policyVersions: facts['policyVersions'],
      }).toMatchObject({
        found: { type: 'available', release: { version: '1.3.0', channel: 'lts' } },
        channel: 'lts',
        channels: ['lts'],
        releases: ['1.4.2 is not among the versions that the administrator allows: ~1.3.'],
        policyVersions: '~1.3',
      });
      expect((await updater.download()).type).toBe('staged');
    }));

  it('allows downloads and installs only in its hours, also on the user’s request', async () =>
    inWorld(async (world) => {
      await world.release('1.1.0');
      const minutes = new Date().getHours() * 60 + new Date().getMinutes();
      const clockOf = (at: number): string =>
        `${String(Math.floor((at % 1440) / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
      const hours = parseHours([`${clockOf(minutes + 120)}-${clockOf(minutes + 240)}`], 'hours');
      const app = await startApp(world, { policy: { hours } });
      await app.updater.check();
      await expect(app.updater.download()).rejects.toMatchObject({ code: 'MANAGER_POLICY' });
      app.clock.sleep(3 * 3_600_000);
      const staged = await app.updater.download();
      app.clock.sleep(3 * 3_600_000);
      const refused = await app.updater.install();
      expect({ staged, refused, install: app.install.done }).toMatchObject({
        staged: { type: 'staged' },
        refused: { type: 'staged', lastError: { code: 'MANAGER_POLICY' } },
        install: [],
      });
    }));
});

describe('channels', () => {
  async function betaWorld(world: World): Promise<void> {
    await publishChannel(world, [{ version: '1.1.0', dataVersion: 1 }], { revision: 1 });
    await publishChannel(world, [{ version: '2.0.0-beta.1', dataVersion: 2 }], { revision: 1, channel: 'beta' });
  }

  it('previews a switch without changing anything', async () =>
    inWorld(async (world) => {
      await betaWorld(world);
      const { updater } = await startApp(world, { version: '1.1.0', settings: { channels: ['stable', 'beta'] } });
      const preview = await updater.previewChannel('beta');
      await expect(updater.previewChannel('nightly')).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
      expect({ preview, channel: updater.channel, state: updater.state }).toMatchObject({
        preview: { channel: 'beta', release: { version: '2.0.0-beta.1' }, needsConsent: false },
        channel: 'stable',
        state: { type: 'idle' },
      });
      expect(await updater.setChannel('beta')).toMatchObject({ type: 'available', release: { channel: 'beta' } });
    }));

  it('goes back only with consent, and stores the consent until the next install', async () =>
    inWorld(async (world) => {
      await betaWorld(world);
      const first = await startApp(world, { version: '2.0.0-beta.1' });
      await first.updater.setChannel('beta');
      const preview = await first.updater.previewChannel('stable');
      const without = await first.updater.setChannel('stable');
      const agreed = await first.updater.setChannel('stable', { allowDowngrade: true });
      const later = await startApp(world, { home: first.home, version: '2.0.0-beta.1', pid: 1 });
      const still = await later.updater.check();
      const step = { type: 'available', release: { version: '1.1.0', step: 'downgrade' } };
      expect({ preview, without, agreed, still }).toMatchObject({
        preview: { channel: 'stable', release: { version: '1.1.0', step: 'downgrade' }, needsConsent: true },
        without: { type: 'idle' },
        agreed: step,
        still: step,
      });
    }));

  it('asks the app whether an older version may work on its data', async () =>
    inWorld(async (world) => {
      await betaWorld(world);
      const asked: unknown[] = [];
      const settings = {
        mayGoBack(step: object) {
          asked.push(step);
          return 'Notes 1.1 cannot read notebooks of 2.0.';
        },
      };
      const { updater } = await startApp(world, { version: '2.0.0-beta.1', settings });
      const preview = await updater.previewChannel('stable');
      const state = await updater.setChannel('stable', { allowDowngrade: true });
      expect({ asked: asked[0], preview, state, summary: (await updater.diagnostics()).summary }).toMatchObject({
        asked: { from: '2.0.0-beta.1', to: '1.1.0', toDataVersion: 1 },
        preview: { channel: 'stable', needsConsent: true, blocked: 'Notes 1.1 cannot read notebooks of 2.0.' },
        state: { type: 'idle' },
        summary: 'An older version is offered, and the app does not take it: Notes 1.1 cannot read notebooks of 2.0.',
      });
    }));
});
