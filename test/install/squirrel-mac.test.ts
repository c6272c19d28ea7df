import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  createSquirrelMacHook,
  checkBundleLocation,
  type BundleLocation,
} from '../../src/main/install/hooks/squirrel-mac/hook.ts';
import type { Clock, InstallHook, SquirrelMac } from '../../src/main/ports.ts';
import { foreignFacts, installJob } from '../support/install-job.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { createRecordingSpawn } from '../support/recording-spawn.ts';
import { systemClock } from '../support/system-clock.ts';

type Feed = Parameters<SquirrelMac['check']>[0];
type Visit = (feed: Feed) => Promise<void>;

/** Requests files from our server as Squirrel.Mac does. These tests have not run on macOS. */
class SquirrelClient implements SquirrelMac {
  readonly #events = new EventEmitter();
  readonly #visit: Visit;
  checks = 0;
  quits = 0;
  listeners = 0;

  constructor(visit: Visit) {
    this.#visit = visit;
  }
  check(feed: Feed): Promise<void> {
    this.checks += 1;
    this.#visit(feed).then(
      () => this.#events.emit('downloaded'),
      (error: unknown) => this.#events.emit('failed', error),
    );
    return Promise.resolve();
  }
  /** Emits an error, as Electron may do at any time. */
  fail(message: string): void {
    this.#events.emit('failed', new Error(message));
  }
  onDownloaded(listener: () => void): () => void {
    return this.#on('downloaded', listener);
  }
  onError(listener: (error: Error) => void): () => void {
    return this.#on('failed', listener);
  }
  quitAndInstall(): void {
    this.quits += 1;
  }
  #on(name: string, listener: (error: Error) => void): () => void {
    this.#events.on(name, listener);
    this.listeners += 1;
    return () => {
      this.#events.off(name, listener);
      this.listeners -= 1;
    };
  }
}

describe('the Squirrel.Mac hook', () => {
  const bytes = Buffer.from('PK a zip of the new app');
  let directory: string;

  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'squirrel-'))));
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  function hookWith(
    squirrel: SquirrelMac | undefined,
    execPath = join(directory, 'Notes.app/Contents/MacOS/Notes'),
    clock: Clock = systemClock,
  ): InstallHook {
    return createSquirrelMacHook({
      facts: foreignFacts({ platform: 'darwin', execPath }),
      directory: join(directory, 'updates'),
      spawn: createRecordingSpawn(),
      clock,
      logger: createRecordingLogger(),
      squirrel,
      windowsPublishers: [],
    });
  }

  async function install(hook: InstallHook, relaunch?: readonly string[]) {
    const job = await installJob({
      directory,
      bytes,
      kind: 'mac-zip',
      name: 'Notes-1.1.0-mac-arm64.zip',
      ...(relaunch && { relaunch }),
    });
    try {
      await hook.prepare(job);
      return await hook.commit(job);
    } finally {
      await job.file.close();
    }
  }

  const zipUrl = async ({ url, headers }: Feed): Promise<string> =>
    ((await (await fetch(url, { headers })).json()) as { url: string }).url;

  it('hands the verified zip over, lets macOS end the app, and closes its server', async () => {
    const seen: unknown[] = [];
    let feedUrl = '';
    const squirrel = new SquirrelClient(async (feed) => {
      feedUrl = feed.url;
      const zip = await fetch(await zipUrl(feed));
      seen.push(zip.headers.get('content-length'), Buffer.from(await zip.arrayBuffer()));
    });
    const { quit, ...outcome } = await install(hookWith(squirrel), []);
    const before = squirrel.quits;
    quit?.();
    expect({ outcome, seen, quits: [before, squirrel.quits], listeners: squirrel.listeners }).toEqual({
      outcome: { launch: undefined, handedOver: true },
      seen: [String(bytes.length), bytes],
      quits: [0, 1],
      listeners: 1,
    });
    await expect(fetch(feedUrl)).rejects.toThrow();
  });

  it('does not quit the app without a requested restart', async () => {
    const squirrel = new SquirrelClient(async (feed) => void (await (await fetch(await zipUrl(feed))).arrayBuffer()));
    expect(await install(hookWith(squirrel))).toEqual({ launch: undefined, handedOver: true });
  });

  it('reveals nothing without the password or at a guessed address', async () => {
    const answers: unknown[] = [];
    const squirrel = new SquirrelClient(async ({ url, headers }) => {
      for (const [path, given, method] of [
        ['', {}, 'GET'],
        ['', { authorization: 'Basic dXBkYXRlOndyb25n' }, 'GET'],
        ['update.zip', headers, 'GET'],
        ['../../etc/passwd', headers, 'GET'],
        ['', headers, 'POST'],
      ] as const) {
        const answer = await fetch(url + path, { headers: given, method });
        answers.push([answer.status, await answer.text()]);
      }
    });
    await install(hookWith(squirrel), []);
    expect(answers).toEqual([401, 401, 404, 404, 405].map((status) => [status, '']));
  });

  it('serves a second request, without a redirect', async () => {
    const bodies: Buffer[] = [];
    const squirrel = new SquirrelClient(async (feed) => {
      const url = await zipUrl(feed);
      for (let time = 0; time < 2; time += 1) {
        bodies.push(Buffer.from(await (await fetch(url, { redirect: 'error' })).arrayBuffer()));
      }
    });
    await install(hookWith(squirrel), []);
    expect(bodies).toEqual([bytes, bytes]);
  });

  it('uses a new password and address for every install', async () => {
    const feeds: string[] = [];
    const squirrel = new SquirrelClient(async (feed) => {
      feeds.push(feed.headers['authorization'] ?? '', new URL(await zipUrl(feed)).pathname);
    });
    await install(hookWith(squirrel), []);
    await install(hookWith(squirrel), []);
    expect(new Set(feeds).size).toBe(4);
  });

  it.each<[string, SquirrelMac]>([
    ['refuses', new SquirrelClient(() => Promise.reject(new Error('code signature did not pass validation')))],
    [
      'throws',
      Object.assign(new SquirrelClient(() => Promise.resolve()), {
        check: () => Promise.reject(new Error('Could not get code signature')),
      }),
    ],
  ])('keeps the installed app if Squirrel.Mac %s', async (_what, squirrel) => {
    await expect(install(hookWith(squirrel), [])).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
      message: expect.stringMatching(/code signature/) as string,
    });
    expect((squirrel as SquirrelClient).quits).toBe(0);
  });

  it('reports an error if Squirrel.Mac never answers', async () => {
    const squirrel = new SquirrelClient(() => new Promise(() => undefined));
    const impatient: Clock = { now: () => 0, after: (_ms, run) => systemClock.after(0, run) };
    const hook = hookWith(squirrel, undefined, impatient);
    await expect(install(hook, [])).rejects.toMatchObject({ message: expect.stringContaining('in time') as string });
    // Squirrel.Mac may still be working. A second check would make it forget its update.
    await expect(install(hook, [])).rejects.toMatchObject({ message: expect.stringContaining('still busy') as string });
    expect({ checks: squirrel.checks, listeners: squirrel.listeners }).toEqual({ checks: 1, listeners: 1 });
  });

  it('can be used again after a refusal, and logs late errors', async () => {
    const visits: Visit[] = [
      () => Promise.reject(new Error('The network connection was lost.')),
      async (feed) => void (await (await fetch(await zipUrl(feed))).arrayBuffer()),
    ];
    const squirrel = new SquirrelClient((feed) => visits.shift()?.(feed) ?? Promise.reject(new Error('once more')));
    const hook = hookWith(squirrel);
    await expect(install(hook, [])).rejects.toMatchObject({ code: 'INSTALL_FAILED' });
    await install(hook, []);
    squirrel.fail('late');
    expect(squirrel.checks).toBe(2);
  });

  it.each<[string, string, BundleLocation, object]>([
    ['the Applications folder', '/Applications/Notes.app/Contents/MacOS/Notes', 'writable', { ok: true }],
    ["an administrator's folder", '/Applications/Notes.app/Contents/MacOS/Notes', 'owned', { ok: true }],
    ['another disk', '/Volumes/Work/Notes.app/Contents/MacOS/Notes', 'writable', { ok: true }],
    ['a disk image', '/Volumes/Notes/Notes.app/Contents/MacOS/Notes', 'read-only', { state: 'needs-attention' }],
    [
      'quarantine',
      '/private/var/folders/x/T/AppTranslocation/ABC/d/Notes.app/Contents/MacOS/Notes',
      'read-only',
      { state: 'needs-attention' },
    ],
    ['a place it has left', '/Applications/Old.app/Contents/MacOS/Notes', 'gone', { state: 'needs-attention' }],
  ])('checks the location of an app in %s', (_what, execPath, place, verdict) => {
    expect(checkBundleLocation({ execPath }, new SquirrelClient(() => Promise.resolve()), place)).toMatchObject(
      verdict,
    );
  });

  it("is off without Electron's updater, and works only where the bundle is now", async () => {
    const squirrel = new SquirrelClient(() => Promise.resolve());
    const verdicts = [await hookWith(undefined).canInstall(), await hookWith(squirrel).canInstall()];
    await mkdir(join(directory, 'Notes.app'));
    expect([...verdicts, await hookWith(squirrel).canInstall()]).toMatchObject([
      { ok: false, state: 'disabled' },
      { ok: false, state: 'needs-attention' },
      { ok: true },
    ]);
  });

  it('leaves no files behind', async () => {
    const hook = hookWith(new SquirrelClient(() => Promise.resolve()));
    await install(hook, []);
    await hook.cleanup();
    expect(await readdir(join(directory, 'updates'))).toEqual([]);
  });
});
