// @module-tag slow
import { watch } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { createDirectoryStore } from '../../src/publish/content/directory-store.ts';
import { publishBuild } from '../../src/publish/workflow/publish-build.ts';
import { readKeyFile } from '../../src/publish/keys/key-file.ts';
import type { RepositorySettings } from '../../src/repository/index.ts';
import {
  app,
  type CliResult,
  type CliRun,
  type CliWorldOptions,
  createCliWorld,
  jsonOf,
  passphrase,
  token,
} from './cli-world.ts';
import { type RelayAnswer, type RelayScript } from './relay.ts';
import { accepted, scriptApi } from './scripted-api.ts';

function codeOf(result: CliResult): unknown {
  return result.code === 0 ? 'published' : (jsonOf(result) as { error: { code: string } }).error.code;
}

/** Publishes 1.0.0 with a relay between publisher and API; then tells how it ended and what an installed app sees. */
async function publishThrough(
  between: RelayScript,
  settings: RepositorySettings = {},
  seconds = 3,
): Promise<{ end: unknown; index: unknown; lines: readonly string[] }> {
  await using world = await createCliWorld({ settings, between });
  const end = codeOf(await world.run(...world.publishArgs(await world.build('1.0.0'), '--timeout', String(seconds))));
  const index = await world.index();
  return { end, index: typeof index === 'string' ? index : index.revision, lines: world.lines };
}

const spurious404: RelayAnswer = {
  status: 404,
  body: JSON.stringify({
    detail: { message: 'Task not accepted.', error: 'It requires bootstrap finished. State: None' },
  }),
};

describe('RSTUF', () => {
  it('is down', async () => {
    await using world = await createCliWorld({ api: 'http://127.0.0.1:9/' });
    const result = await world.run(...world.publishArgs(await world.build('1.0.0')));
    expect([result.code, codeOf(result), await world.index()]).toEqual([
      1,
      'PUBLISH_UNREACHABLE',
      'TRUST_TARGET_UNKNOWN',
    ]);
  });

  it('answers bursts of 404 while it is busy', async () => {
    const seen = new Map<string, number>();
    const { end, index } = await publishThrough(async ({ line, forward }) => {
      const times = (seen.get(line) ?? 0) + 1;
      seen.set(line, times);
      return line.startsWith('POST') && times % 3 !== 0 ? spurious404 : forward();
    });
    expect({ end, index }).toEqual({ end: 'published', index: 1 });
  });

  it('is slow, and the publication succeeds', async () => {
    let polls = 0;
    const { end, index } = await publishThrough(
      async ({ line, forward }) => {
        if (line.startsWith('GET /api/v1/task/') && (polls += 1) % 4 !== 0) return pending;
        return forward();
      },
      {},
      30,
    );
    expect({ end, index }).toEqual({ end: 'published', index: 1 });
  });

  it('never finishes', async () => {
    const { end, index } = await publishThrough(async ({ line, forward }) =>
      line.startsWith('GET /api/v1/task/') ? pending : forward(),
    );
    expect({ end, index }).toEqual({ end: 'PUBLISH_TIMEOUT', index: 'TRUST_TARGET_UNKNOWN' });
  });

  it('never finishes, and goes on later: the task is not sent twice', async () => {
    const faults = ['duplicate-poisons-worker', 'worker-stopped'] as const;
    await using world = await createCliWorld({ settings: { faults }, between: async ({ forward }) => forward() });
    const build = await world.build('1.0.0');
    const early = await world.run(...world.publishArgs(build, '--timeout', '1'));
    const polls = (): number => world.lines.filter((line) => line.startsWith('GET /api/v1/task/')).length;
    const before = polls();
    const again = world.start(...world.publishArgs(build, '--timeout', '30'));
    await expect.poll(polls, { timeout: 20_000 }).toBeGreaterThan(before + 2);
    await world.repository.store.restartWorker();
    const sent = world.lines.filter((line) => line.startsWith('POST')).length;
    expect([codeOf(early), sent, codeOf(await again.done), await world.index()]).toMatchObject([
      'PUBLISH_TIMEOUT',
      1,
      'published',
      { revision: 1 },
    ]);
  });

  it('has no role for the path', async () => {
    const { end, index, lines } = await publishThrough(async ({ forward }) => forward(), {
      roles: [{ name: 'channels', paths: [`${app}/channels/*/*`] }],
    });
    expect([end, index, lines.filter((line) => line.startsWith('POST')).length]).toEqual([
      'PUBLISH_NOT_COVERED',
      'TRUST_TARGET_UNKNOWN',
      0,
    ]);
  });

  it('refuses the credentials', async () => {
    const { end } = await publishThrough(async ({ forward }) => forward(), { token: 'another' });
    expect(end).toBe('PUBLISH_UNAUTHORISED');
  });

  it.each<[string, CliWorldOptions]>([
    ['PUBLISH_UNREACHABLE', { api: 'http://127.0.0.1:9/' }],
    ['PUBLISH_UNAUTHORISED', { settings: { token: 'another' } }],
    ['PUBLISH_NOT_COVERED', { settings: { roles: [{ name: 'other', paths: ['org.example.other/*/*/*'] }] } }],
    ['PUBLISH_KEY', { threshold: 2 }],
  ])('fails before anything is rewritten, packed or copied: %s', async (code, options) => {
    await using world = await createCliWorld(options);
    const result = await world.run(...world.publishArgs(await world.build('1.0.0', 'no AppImage'), '--store'));
    expect({ code: codeOf(result), content: await readdir(world.repository.contentDirectory) }).toEqual({
      code,
      content: [],
    });
  });

  it('receives the credentials that its gateway requires', async () => {
    const { end } = await publishThrough(async ({ forward }) => forward(), { token });
    expect(end).toBe('published');
  });

  it('redirects, and credentials are not sent to the new address', async () => {
    await using elsewhere = await scriptApi(accepted);
    const { end } = await publishThrough(async () =>
      Promise.resolve({ status: 307, headers: { location: `${elsewhere.url}/api/v1/artifacts/` }, body: '' }),
    );
    expect({ end, elsewhere: elsewhere.seen }).toEqual({ end: 'PUBLISH_API', elsewhere: [] });
  });

  it('reports success without signing', async () => {
    const answers = [JSON.stringify(accepted.body), JSON.stringify(finished)];
    const { end } = await publishThrough(async ({ line }) =>
      Promise.resolve({ status: 200, body: (line.startsWith('POST') ? answers[0] : answers[1]) ?? '' }),
    );
    expect(end).toBe('PUBLISH_NOT_CONFIRMED');
  });
});

describe('a role that was added to RSTUF later, whose first metadata is expired', () => {
  it('can be published to, and then installed apps see it', async () => {
    const roles = [{ name: 'other', paths: ['org.example.other/*/*/*'] }];
    await using world = await createCliWorld({ settings: { roles, faults: ['role-born-expired'] } });
    const { apiUrl, apiHeaders, store } = world.repository;
    const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
      const response = await fetch(`${apiUrl}/${path}`.replaceAll(/(?<!:)\/+/g, '/'), {
        method,
        headers: { ...apiHeaders, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return ((await response.json()) as { data: Record<string, unknown> }).data;
    };
    const { keyid, ...key } = (await call('GET', 'config/'))['online_key'] as Record<string, string>;
    const late = { name: 'late', terminating: true, keyids: [keyid], threshold: 1, paths: [`${app}/*/*/*`] };
    const delegations = { keys: { [String(keyid)]: key }, roles: [{ ...late, 'x-rstuf-expire-policy': 1 }] };
    const { task_id: task } = await call('POST', 'delegations/', { delegations });
    await expect.poll(async () => (await call('GET', `task/?task_id=${String(task)}`))['state']).toBe('SUCCESS');
    await store.renew();
    await delay(1100);
    const before = await world.index();
    const result = await world.run(...world.publishArgs(await world.build('1.0.0')));
    expect([before, codeOf(result), await world.index()]).toMatchObject([
      'TRUST_EXPIRED',
      'published',
      { revision: 1, releases: [{ version: '1.0.0' }] },
    ]);
  });
});

describe('a publisher that is killed', () => {
  it.each<[string, string, 'before' | 'after', number]>([
    ['before the artifacts are registered', 'POST', 'before', 1],
    ['when they have just been accepted', 'POST', 'after', 1],
    ['while it waits for their task', 'GET', 'after', 2],
    ['before the index is registered', 'POST', 'before', 2],
    ['when it has just been accepted', 'POST', 'after', 2],
  ])('%s finishes when it runs again', async (_when, method, moment, count) => {
    let victim: CliRun | undefined;
    let seen = 0;
    await using world = await createCliWorld({
      between: async ({ line, forward }) => {
        seen += line.startsWith(method) ? 1 : 0;
        if (victim === undefined || seen !== count) return forward();
        const answer = moment === 'after' ? await forward() : spurious404;
        victim.kill('SIGKILL');
        await victim.done;
        victim = undefined;
        return answer;
      },
    });
    const args = world.publishArgs(await world.build('1.0.0'));
    victim = world.start(...args);
    const killed = await victim.done;
    const again = await world.run(...args);
    const served = join(world.repository.contentDirectory, app, 'releases/1.0.0');
    expect({
      killed: killed.signal,
      again: codeOf(again),
      index: await world.index(),
      content: (await readdir(served)).length,
    }).toMatchObject({
      killed: 'SIGKILL',
      again: 'published',
      index: { revision: 1, releases: [{ version: '1.0.0' }] },
      content: 2,
    });
  });

  it('while it copies a file finishes when it runs again', async () => {
    await using world = await createCliWorld();
    const content = 'x'.repeat(48 * 1024 * 1024);
    const args = world.publishArgs(await world.build('1.0.0', content));
    const served = join(world.repository.contentDirectory, app, 'releases/1.0.0');
    await mkdir(served, { recursive: true });
    const victim = world.start(...args);
    const watcher = watch(served, (_event, name) => {
      if (name?.endsWith('.tmp') === true) victim.kill('SIGKILL');
    });
    const killed = await victim.done;
    watcher.close();
    const left = await readdir(served);
    const again = await world.run(...args);
    expect({ signal: killed.signal, left: left.length, again: codeOf(again) }).toEqual({
      signal: 'SIGKILL',
      left: 1,
      again: 'published',
    });
    expect((await readdir(served)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await readFile(join(served, 'Notes-1.0.0-linux-x86_64.AppImage'), 'utf8')).toBe(content);
  });

  it('by Ctrl-C says how to continue', async () => {
    let run: CliRun | undefined;
    await using world = await createCliWorld({
      between: async ({ line, forward }) => {
        const answer = await forward();
        if (line.startsWith('POST')) run?.kill('SIGINT');
        return line.startsWith('GET') && run !== undefined ? pending : answer;
      },
    });
    const args = world.publishArgs(await world.build('1.0.0'));
    run = world.start(...args);
    const { code, stderr } = await run.done;
    run = undefined;
    expect({ code, stderr, again: codeOf(await world.run(...args)) }).toEqual({
      code: 130,
      stderr: expect.stringContaining('Run the same command again') as string,
      again: 'published',
    });
  });
});

describe('the build', () => {
  it('changes after it was hashed, and nothing of it is published', async () => {
    await using world = await createCliWorld();
    const directory = await world.build('1.0.0');
    const key = await readKeyFile(world.path('a.pem'), async () => Promise.resolve(passphrase));
    let changed: Promise<void> | undefined;
    const publishing = publishBuild({
      config: world.config,
      root: await readFile(world.path('update/root.json')),
      keys: [key],
      policy: {},
      directory,
      api: { url: world.repository.apiUrl, headers: world.repository.apiHeaders },
      store: createDirectoryStore(world.repository.contentDirectory, world.path('state')),
      stateDirectory: world.path('state'),
      onProgress: () => {
        changed ??= writeFile(join(directory, 'Notes-1.0.0-linux-x86_64.AppImage'), 'other bytes here');
      },
    });
    await expect(publishing).rejects.toMatchObject({ code: 'PUBLISH_INPUT' });
    await changed;
    expect([
      await world.index(),
      await readdir(join(world.repository.contentDirectory, app, 'releases/1.0.0')),
    ]).toEqual(['TRUST_TARGET_UNKNOWN', []]);
  });

  it('is signed with a key whose passphrase is wrong', async () => {
    await using world = await createCliWorld();
    await using other = await createCliWorld();
    await writeFile(
      world.path('a.pem'),
      (await readFile(other.path('a.pem'), 'utf8')).replace(/[A-Za-z]{8}/, 'AAAAAAAA'),
    );
    const result = await world.run(...world.publishArgs(await world.build('1.0.0')));
    expect({ exit: result.code, code: codeOf(result) }).toEqual({ exit: 1, code: 'PUBLISH_KEY' });
  });

  it('belongs to a repository with another root', async () => {
    await using world = await createCliWorld();
    await using other = await createCliWorld();
    await writeFile(world.path('update/root.json'), await readFile(other.path('update/root.json')));
    const result = await world.run(...world.publishArgs(await world.build('1.0.0')));
    expect({ exit: result.code, code: codeOf(result), index: await world.index() }).toEqual({
      exit: 1,
      code: 'TRUST_UNSIGNED',
      index: 'TRUST_TARGET_UNKNOWN',
    });
  });

  it('is signed by a key that the app does not trust', async () => {
    await using world = await createCliWorld();
    await using other = await createCliWorld();
    await writeFile(world.path('a.pem'), await readFile(other.path('a.pem')));
    const result = await world.run(...world.publishArgs(await world.build('1.0.0')));
    expect({ code: codeOf(result), content: await readdir(world.repository.contentDirectory) }).toEqual({
      code: 'PUBLISH_KEY',
      content: [],
    });
    expect(result.stderr).toContain('counts for none of the sets of this app');
  });
});

const pending: RelayAnswer = {
  status: 200,
  body: JSON.stringify({ data: { task_id: 'x', state: 'PENDING', result: null }, message: 'Task state.' }),
};
const finished = { data: { task_id: 'abc', state: 'SUCCESS', result: { status: true, details: {} } } };
