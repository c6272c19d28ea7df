import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { NativeKind } from '../../../src/shared/artifact-kinds.ts';
import { keptPackages } from '../../../src/shared/native-package.ts';
import { requires, root } from '../../support/requires.ts';
import { programsOf } from './packages.ts';
import { turnMs } from './turns.ts';
import { createNativeWorld, type NativeWorld, nobody, placeRuntime } from './world.ts';

/**
 * The packages, the package manager and the root side are real. Node runs the root side instead of Electron. pkexec is
 * a script that records its arguments and runs the given program as root.
 */
export function describeManager(kind: NativeKind): void {
  describe(`${kind}: a package of version 1.0.0 that root installed`, requires(root, ...programsOf[kind]), () => {
    let runtime: Awaited<ReturnType<typeof placeRuntime>>;
    let world: NativeWorld;

    beforeAll(async () => {
      runtime = await placeRuntime();
      world = await createNativeWorld(kind, runtime.path);
      await mkdir(join(world.directory, 'bin'));
      await fakePkexec(`shift\nPKEXEC_UID=${nobody} exec "$@"`);
    }, turnMs);
    afterAll(async () => {
      await world?.close();
      await runtime?.remove();
    });

    /** Writes a pkexec that records its arguments and then runs `body`. */
    async function fakePkexec(body: string): Promise<void> {
      const record = join(world.directory, 'asked');
      const script = `#!/bin/sh\nprintf '%s\\0' "$@" >'${record}'\n${body}\n`;
      await writeFile(join(world.directory, 'bin/pkexec'), script, { mode: 0o755 });
    }

    it('becomes 1.1.0 after the user agreed', async () => {
      const record = join(world.directory, 'environment');
      await world.release('1.1.0', { afterInstall: `env >'${record}'` });
      const { hook, job, handOver } = await world.stage('1.1.0');
      const outcome = await hook.commit(job);
      const asked = (await readFile(join(world.directory, 'asked'), 'utf8')).split('\0').slice(0, -1);
      const environment = (await readFile(record, 'utf8')).split('\n').map((line) => line.split('=')[0] ?? '');
      expect({
        asked,
        installed: await world.installed(),
        outcome: [outcome.handedOver, outcome.launch?.execPath, outcome.launch?.args],
        foreign: environment.filter((name) => /^(PKEXEC|SUDO|NODE|ELECTRON|LD_)/.test(name)),
      }).toEqual({
        asked: ['--disable-internal-agent', world.launcher, handOver],
        installed: { manager: '1.1.0', files: '1.1.0' },
        outcome: [false, join(world.installDirectory, 'notes'), ['--again']],
        foreign: [],
      });
    });

    it('keeps the package for a way back', async () => {
      await world.release('1.2.0');
      const { hook, job } = await world.stage('1.2.0');
      await hook.commit(job);
      // The old version installed the update. The next process is the new version.
      const next = (await world.stage('1.2.0')).hook;
      const kept = join(keptPackages(world.app), `1.1.0.${kind}`);
      await access(kept);
      expect({
        installed: await world.installed(),
        restored: await hook.restore(),
        wayBack: await next.wayBack?.('1.1.0'),
      }).toEqual({
        installed: { manager: '1.2.0', files: '1.2.0' },
        restored: false,
        wayBack: expect.stringMatching(new RegExp(`^sudo .* ${kept}$`)),
      });
    });

    it('goes back only if the publisher signed that 1.1.0 replaces 1.2.0', async () => {
      await world.release('1.1.0');
      const plain = await world.stage('1.1.0');
      const refused = await plain.hook.commit(plain.job).catch((error: unknown) => error);
      const before = await world.installed();
      await world.release('1.1.0', { change: { replaces: '1.2.0' } });
      const signed = await world.stage('1.1.0');
      await signed.hook.commit(signed.job);
      expect({ refused, before, installed: await world.installed() }).toEqual({
        refused: expect.objectContaining({ code: 'INSTALL_DOWNGRADE' }),
        before: { manager: '1.2.0', files: '1.2.0' },
        installed: { manager: '1.1.0', files: '1.1.0' },
      });
    });

    it.each([
      ['dismissed', 126],
      ['not authorised', 127],
    ])('does not change if the question was %s, and says which command to run', async (_, code) => {
      const before = await world.installed();
      await world.release('1.3.0');
      await fakePkexec(`exit ${code}`);
      const { hook, job } = await world.stage('1.3.0');
      const error = await hook.commit(job).catch((thrown: unknown) => thrown);
      await fakePkexec(`shift\nPKEXEC_UID=${nobody} exec "$@"`);
      expect({ error, installed: await world.installed() }).toEqual({
        error: expect.objectContaining({
          code: 'INSTALL_ELEVATION_REFUSED',
          remedyCommand: expect.stringMatching(/^sudo .*install-update.*hand-over/) as unknown,
        }),
        installed: before,
      });
    });
  });
}
