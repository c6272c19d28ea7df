// @module-tag slow
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { describe, expect, it } from 'vitest';

import type { StartAfterEnd } from '../../../src/main/node/start-after-end.ts';
import type { FirstStartLimits, Recovery, TrustedRelease } from '../../../src/main/ports.ts';
import { startProgram } from '../../support/start-program.ts';
import { type Kind, layOut, openInstallation, stageRelease, versionOf } from './rig.ts';

const app = join(import.meta.dirname, 'app.ts');
/** Limits that are longer than any test. A test shortens only the limit that it is about. */
const patient = { failures: 2, loadMs: 60_000, hangMs: 60_000, watchMs: 60_000 };

interface Case {
  readonly change?: Partial<TrustedRelease['release']>;
  readonly limits?: Partial<FirstStartLimits>;
}

interface Outcome {
  /** Number of all starts: those of the new version, and those of the previous one after it. */
  readonly starts: number;
  readonly installed: string;
  readonly quarantined: readonly string[];
  /** The result of the recovery at the next start. */
  readonly recovery: Recovery['type'];
  readonly reason?: string;
}

/** Runs the watchdog as if the installing process had ended at once. Resolves when the watchdog has ended. */
const afterEndIn =
  (shell: string, more: Readonly<Record<string, string>>): StartAfterEnd =>
  async (script, args, env) => {
    await startProgram(shell, ['-c', script, 'sh', ...args], { ...env, ...more });
  };

/** The kinds of installation, each with the shell that runs the watchdog. */
const shells = [
  ['appimage', '/bin/sh'],
  ['portable', existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'],
] as const;
describe.concurrent.each<readonly [Kind, string]>(shells)(
  'the first start of a new version, as %s, watched by %s,',
  (kind, shell) => {
    async function inHome<T>(work: (home: string) => Promise<T>): Promise<T> {
      const home = await mkdtemp(join(tmpdir(), 'first-'));
      try {
        return await work(home);
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    }

    /** Installs 1.1.0 and runs `body` at its start. Without the variable `FIRST`, it only prints 1.1.0. */
    const firstStart = async (body: string, { change = {}, limits = {} }: Case = {}): Promise<Outcome> =>
      inHome(async (home) => {
        const asked = (version: string): string =>
          `[ "$FIRST" ] || { echo ${version}; exit; }\necho x >> '${home}/starts'\n`;
        await layOut(home, kind, 'Notes', (version) => asked(version) + (version === '1.0.0' ? 'exit' : body));
        if (body === 'unloadable') await makeUnloadable(home);
        const old = await openInstallation({
          home,
          kind,
          version: '1.0.0',
          limits: { ...patient, ...limits },
          change,
          start: afterEndIn(shell, { FIRST: home }),
        });
        await stageRelease(old, kind, change);
        const staged = await old.staging.current();
        if (staged === undefined) throw new Error('Nothing is staged.');
        const { launch } = await old.installer.install(staged, []);
        if (launch === undefined) throw new Error('There is nothing to start.');
        await old.installer.launch({ ...launch, env: { ...process.env } as Record<string, string> });
        const installed =
          body === 'unloadable' && (await isUnloadable(old.entry)) ? 'unloadable' : versionOf(old.entry);
        const next = await openInstallation({ home, kind, version: installed, change });
        const { type: recovery, ...more } = await next.installer.recover();
        const reason = 'reason' in more && more.reason !== undefined ? { reason: more.reason } : {};
        const starts = (await readFile(join(home, 'starts'), 'utf8').catch(() => '')).split('\n').length - 1;
        return { ...reason, starts, installed, quarantined: await next.installer.quarantined(), recovery };
      });

    async function isUnloadable(entry: string): Promise<boolean> {
      return (await readFile(entry, 'utf8')).startsWith('#!/nowhere');
    }

    async function makeUnloadable(home: string): Promise<void> {
      if (kind === 'appimage') return writeFile(join(home, 'release'), '#!/nowhere/at-all\n');
      await writeFile(join(home, 'build/notes-1.1.0/Notes'), '#!/nowhere/at-all\n');
      await create({ gzip: true, file: join(home, 'release'), cwd: join(home, 'build') }, ['.']);
    }

    const running = (behaviour: string): string =>
      `exec '${process.execPath}' '${app}' "$FIRST" ${kind} 1.1.0 '${behaviour}'`;
    const backTo = { installed: '1.0.0', quarantined: ['1.1.0'], recovery: 'rolled-back' };
    const stays = { installed: '1.1.0', quarantined: [] };

    it.each<[string, string, string, Partial<FirstStartLimits>?]>([
      ['crashes at start', 'exit 7', 'ended with code 7'],
      ['crashes at start, tried once', 'exit 8', 'ended with code 8', { failures: 1 }],
      ['crashes when its updater is there', running('crashes later'), 'was ended by SIGSEGV'],
      ['never gets ready', 'exec sleep 600', 'did not get ready', { loadMs: 1000 }],
      ['hangs when its updater is there', running('hangs'), 'stopped responding', { hangMs: 1500 }],
      ['cannot be loaded at all', 'unloadable', 'cannot be started'],
    ])('that %s is rolled back and quarantined', async (_what, body, why, limits = {}) => {
      const outcome = await firstStart(body, { limits });
      expect(outcome).toMatchObject(backTo);
      expect(outcome.reason).toContain(why);
    });

    it.each<[string, string, string, Partial<FirstStartLimits>?]>([
      ['confirms', running('healthy'), 'nothing'],
      ['is quit at once', running('quits'), 'nothing'],
      ['is a second instance that ends', 'exit 0', 'installed'],
      ['is ended by a log-out', running('is asked to end'), 'nothing'],
      ['answers and says nothing in all the time', running('answers'), 'nothing', { watchMs: 1000 }],
      ['crashes after it confirmed', running('crashes when healthy'), 'nothing'],
      [
        'replaces itself by the next version',
        `echo '{"id": "another"}' > "$FIRST/state/journal.json"; exit 7`,
        'nothing',
      ],
    ])('that %s stays, after one start', async (_what, body, recovery, limits = {}) => {
      expect(await firstStart(body, { limits })).toEqual({ ...stays, recovery, starts: 1 });
    });

    it.each([
      ['that crashes after migrating its data', running('crashes after migrating'), {}],
      ['with another data version', 'exit 7', { dataVersion: 2 }],
    ])('%s is not rolled back', async (_what, body, change) => {
      const outcome = await firstStart(body, { change });
      expect(outcome).toMatchObject({ ...stays, recovery: 'failing', starts: 2 });
    });

    it.each(['crashes later', 'hangs'])(
      'without a watchdog counts its own failures when it %s, and rolls itself back',
      async (behaviour) =>
        inHome(async (home) => {
          await layOut(home, kind);
          const old = await openInstallation({ home, kind, version: '1.0.0' });
          await stageRelease(old, kind);
          const staged = await old.staging.current();
          if (staged === undefined) throw new Error('Nothing is staged.');
          await old.installer.install(staged, undefined);
          const start = async (): Promise<void> => {
            const env = { PATH: process.env['PATH'] ?? '' };
            // If the version hangs, its user notices that and ends it.
            const kill = behaviour === 'hangs' ? join(home, 'hangs') : undefined;
            await startProgram(process.execPath, [app, home, kind, '1.1.0', behaviour], env, kill);
            await rm(join(home, 'hangs'), { force: true });
          };
          await start();
          await start();
          const third = await (await openInstallation({ home, kind, version: '1.1.0' })).installer.recover();
          const back = await (
            await openInstallation({ home, kind, version: versionOf(old.entry) })
          ).installer.recover();
          expect({ thirdStart: third, restored: back }).toMatchObject({
            thirdStart: { type: 'rolled-back', from: '1.1.0', to: '1.0.0', launch: { execPath: old.entry } },
            restored: { type: 'rolled-back', from: '1.1.0', to: '1.0.0' },
          });
        }),
    );
  },
);
