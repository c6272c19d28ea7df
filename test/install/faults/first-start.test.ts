import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startProcess } from '../../../src/main/node/start-process.ts';
import type { FirstStart, Recovery, TrustedRelease } from '../../../src/main/ports.ts';
import { type Kind, layOut, openInstallation, stageRelease, versionOf } from './rig.ts';

const app = join(import.meta.dirname, 'app.ts');
const limits = { failures: 2, loadMs: 4000, hangMs: 1500, watchMs: 8000 };

interface Outcome {
  readonly found: FirstStart['type'];
  readonly reason?: string;
  /** How often the new version was started, and the previous one after it. */
  readonly starts: number;
  readonly installed: string;
  readonly quarantined: readonly string[];
  readonly recovery: Recovery['type'];
}

/** Releases that fail, in processes of their own, seen from the old version that installed them. */
describe.each<Kind>(['appimage', 'portable'])('the first start of a new version, as %s,', (kind) => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'first-'));
  });
  afterEach(async () => rm(home, { recursive: true, force: true }));

  /** 1.1.0 runs `body` when it is started; with `--version` it says its own. */
  async function firstStart(body: string, change: Partial<TrustedRelease['release']> = {}): Promise<Outcome> {
    const asked = (version: string): string =>
      `[ "$FIRST" ] || { echo ${version}; exit; }\necho x >> '${home}/starts'\n`;
    await layOut(home, kind, 'Notes', (version) => asked(version) + (version === '1.0.0' ? 'exit' : body));
    if (body === 'unloadable') await makeUnloadable();
    const old = await openInstallation({
      home,
      kind,
      version: '1.0.0',
      limits,
      change,
      start: (launch) => startProcess({ ...launch, env: { ...launch.env, FIRST: home } }),
    });
    await stageRelease(old, kind, change);
    const staged = await old.staging.current();
    if (staged === undefined) throw new Error('Nothing is staged.');
    const { launch } = await old.room.install(staged, []);
    if (launch === undefined) throw new Error('There is nothing to start.');
    const { type: found, ...more } = await old.room.launch({
      ...launch,
      env: { ...process.env } as Record<string, string>,
    });
    const installed = body === 'unloadable' && found !== 'rolled-back' ? 'unloadable' : versionOf(old.entry);
    const next = await openInstallation({ home, kind, version: installed, change });
    const recovery = (await next.room.recover()).type;
    const starts = (await readFile(join(home, 'starts'), 'utf8').catch(() => '')).split('\n').length - 1;
    return { found, ...more, starts, installed, quarantined: await next.room.quarantined(), recovery };
  }

  async function makeUnloadable(): Promise<void> {
    if (kind === 'appimage') return writeFile(join(home, 'release'), '#!/nowhere/at-all\n');
    const { execFileSync } = await import('node:child_process');
    await writeFile(join(home, 'build/notes-1.1.0/Notes'), '#!/nowhere/at-all\n');
    execFileSync('tar', ['-czf', join(home, 'release'), '-C', join(home, 'build'), '.']);
  }

  const running = (behaviour: string): string =>
    `exec '${process.execPath}' '${app}' "$FIRST" ${kind} 1.1.0 '${behaviour}'`;
  const backTo = { installed: '1.0.0', quarantined: ['1.1.0'], recovery: 'rolled-back', found: 'rolled-back' };
  const stays = { installed: '1.1.0', quarantined: [] };

  it.each([
    ['crashes at start', 'exit 7', 'ended with code 7'],
    ['crashes when its updater is there', running('crashes later'), 'was ended by SIGSEGV'],
    ['never gets ready', 'exec sleep 600', 'did not get ready'],
    ['hangs when its updater is there', running('hangs'), 'stopped responding'],
    ['can not be loaded at all', 'unloadable', 'can not be started'],
  ])('that %s is rolled back and quarantined', async (_what, body, why) => {
    const outcome = await firstStart(body);
    expect(outcome).toMatchObject(backTo);
    expect(outcome.reason).toContain(why);
  });

  it.each([
    ['confirms', running('healthy'), 'healthy', 'nothing'],
    ['is quit at once', running('quits'), 'unconfirmed', 'nothing'],
    ['is a second instance that ends', 'exit 0', 'unconfirmed', 'installed'],
    ['is ended by a log-out', running('is asked to end'), 'unconfirmed', 'nothing'],
  ])('that %s stays, after one start', async (_what, body, found, recovery) => {
    expect(await firstStart(body)).toEqual({ ...stays, found, recovery, starts: 1 });
  });

  it.each([
    ['that crashes after migrating its data', running('crashes after migrating'), {}],
    ['with another data version', 'exit 7', { dataVersion: 2 }],
  ])('%s is not rolled back', async (_what, body, change) => {
    const outcome = await firstStart(body, change);
    expect(outcome).toMatchObject({ ...stays, found: 'stuck', recovery: 'failing', starts: 2 });
  });

  it('that was never watched counts its own crashes, and is rolled back by itself', async () => {
    await layOut(home, kind);
    const old = await openInstallation({ home, kind, version: '1.0.0' });
    await stageRelease(old, kind);
    const staged = await old.staging.current();
    if (staged === undefined) throw new Error('Nothing is staged.');
    await old.room.install(staged, undefined);
    const start = async (): Promise<void> => {
      const env = { PATH: process.env['PATH'] ?? '' };
      const child = await startProcess({
        execPath: process.execPath,
        args: [app, home, kind, '1.1.0', 'crashes later'],
        env,
      });
      await child.ended;
    };
    await start();
    await start();
    const third = await (await openInstallation({ home, kind, version: '1.1.0' })).room.recover();
    const back = await (await openInstallation({ home, kind, version: versionOf(old.entry) })).room.recover();
    expect([third, back]).toMatchObject([
      { type: 'rolled-back', from: '1.1.0', to: '1.0.0', launch: { execPath: old.entry } },
      { type: 'rolled-back', from: '1.1.0', to: '1.0.0' },
    ]);
  });
});
