// @module-tag slow
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { rstufFaults } from '../../../src/repository/faults.ts';
import { serve } from '../served.ts';
import { add, type Aim, aimAtEmbedded, aims, type Answer, call, dataOf, endOf, targetsAt, watch } from './aim.ts';

const info = { length: 3, hashes: { sha256: 'ab'.repeat(32) } };
const prefix = `notes/${randomBytes(6).toString('hex')}`;
const at = (name: string): string => `${prefix}/${name}`;
const limit = { timeout: 600_000 };

type Task = Readonly<Record<string, unknown>>;
const messageOf = (task: Task): unknown => (task['result'] as { message?: string } | undefined)?.message;
const post = async (aim: Aim, path: string): Promise<Answer> =>
  call(aim, 'POST', 'artifacts/', { artifacts: [{ path, info }] });
const remove = async (aim: Aim, path: string): Promise<Task> =>
  endOf(aim, await call(aim, 'POST', 'artifacts/delete', { artifacts: [path] }));

const command = process.env['RSTUF_RESTART_WORKER'];
/** Restarts the worker, or says that it does not know how. */
async function restart({ served }: Aim): Promise<void> {
  if (served !== undefined) return served.repository.store.restartWorker();
  if (command === undefined) throw new Error('Set RSTUF_RESTART_WORKER to a command that restarts the worker.');
  await promisify(execFile)('sh', ['-c', command]);
}

/** Deletes what poisons publications. A process of a live worker may remember it, until it is restarted. */
async function cure(aim: Aim, path: string): Promise<unknown> {
  const { state } = await remove(aim, path);
  if (state === 'SUCCESS') return state;
  await restart(aim);
  return (await endOf(aim, await call(aim, 'POST', 'artifacts/publish/')))['state'];
}

/** What RSTUF does although nobody expects it: true of the embedded repository that plays it, and of a live one. */
describe.each(aims)('%s', (_name, open) => {
  it('slow-tasks: a task keeps running after clients see its result', limit, async () => {
    await using aim = await open(['slow-tasks']);
    const start = performance.now();
    const accepted = await post(aim, at('slow'));
    await endOf(aim, accepted, ['RUNNING']);
    for (let found: unknown; found === undefined;) [found] = await targetsAt(aim, at('slow'));
    const between = await call(aim, 'GET', `task/?task_id=${String(dataOf(accepted)['task_id'])}`);
    const end = await endOf(aim, accepted);
    expect({ between: dataOf(between)['state'], end: end['state'], slow: performance.now() - start > 2900 }).toEqual({
      between: 'RUNNING',
      end: 'SUCCESS',
      slow: true,
    });
  });

  it('spurious-404: concurrent requests are answered like those to a new repository', limit, async () => {
    await using aim = await open(['spurious-404']);
    const requests = Array.from({ length: 16 }, async (_, index) =>
      index % 2 === 0 ? post(aim, at(`busy${index}`)) : call(aim, 'GET', 'config/'),
    );
    const answers = await Promise.all(requests);
    const refused = answers.filter(({ status }) => status === 404);
    const accepted = answers.filter(({ status }) => status === 202);
    for (const one of accepted) await endOf(aim, one);
    const alone = await post(aim, at('alone'));
    await endOf(aim, alone);
    const detail = (message: string, error: string): object => ({ detail: { message, error } });
    const texts = [
      detail('Task not accepted.', 'It requires bootstrap finished. State: None'),
      detail('No Repository Settings/Config found.', 'It requires bootstrap. State: None'),
    ];
    expect({
      others: answers.filter(({ status }) => ![200, 202, 404].includes(status)),
      unknown: refused.filter(({ body }) => !texts.some((text) => JSON.stringify(text) === JSON.stringify(body))),
      refused: refused.length > 0,
      answered: refused.length < answers.length,
      alone: alone.status,
    }).toEqual({ others: [], unknown: [], refused: true, answered: true, alone: 202 });
  });

  it('bad-hash-signed: any text is signed as a hash', limit, async () => {
    await using aim = await open(['bad-hash-signed']);
    const bad = { length: 3, hashes: { sha256: 'xyz' } };
    const { state } = await add(aim, [at('hash')], bad);
    expect({ state, found: await targetsAt(aim, at('hash')) }).toEqual({ state: 'SUCCESS', found: [bad] });
    await remove(aim, at('hash'));
  });

  it.each<[what: string, bad: object]>([
    ['a negative length', { ...info, length: -1 }],
    ['no hash', { ...info, hashes: {} }],
  ])('bad-artifact-poisons: %s fails every later publication until it is deleted', limit, async (what, bad) => {
    await using aim = await open(['bad-artifact-poisons']);
    const name = what.replaceAll(' ', '');
    const own = await add(aim, [at(name)], bad);
    const later = await add(aim, [at(`${name}1`)], info);
    const unseen = await targetsAt(aim, at(`${name}1`));
    const cured = await cure(aim, at(name));
    // RSTUF may believe that what failed is published: it must be added again.
    const after = await add(aim, [at(`${name}1`), at(`${name}2`)], info);
    expect({
      failed: [own, later].map(({ state, result }) => ({ state, members: Object.keys(result as object) })),
      later: messageOf(later),
      unseen,
      cured,
      after: after['state'],
      seen: await targetsAt(aim, at(`${name}1`), at(`${name}2`)),
    }).toEqual({
      failed: [0, 1].map(() => ({ state: 'FAILURE', members: ['message'] })),
      later: expect.stringMatching(/^Failed to execute publish_artifacts-|length|hashes/i) as string,
      unseen: [undefined],
      cured: 'SUCCESS',
      after: 'SUCCESS',
      seen: [info, info],
    });
  });

  it('bad-artifact-poisons: a fraction fails every later publication to its role', limit, async () => {
    await using aim = await open(['bad-artifact-poisons']);
    const bins = 'number_of_delegated_bins' in dataOf(await call(aim, 'GET', 'config/'));
    /** By the role that is responsible. */
    const byRole = new Map<string, string[]>();
    for (let index = 0; index < 5; index += 1) {
      const { result } = await add(aim, [at(`role${index}`)], info);
      const [role = ''] = (result as { details: { artifact_roles: readonly string[] } }).details.artifact_roles;
      byRole.set(role, [...(byRole.get(role) ?? []), at(`role${index}`)]);
    }
    const [[bad = '', same = ''] = []] = [...byRole.values()].filter(({ length }) => length > 1);
    const [other] = [...byRole.values()].find((paths) => !paths.includes(bad)) ?? [];
    const own = await add(aim, [bad], { ...info, custom: { ratio: 0.5 } });
    const later = await add(aim, [same], { ...info, length: 4 });
    const elsewhere = other === undefined ? undefined : await add(aim, [other], { ...info, length: 4 });
    const cured = await cure(aim, bad);
    expect({
      own: messageOf(own),
      later: later['state'],
      elsewhere: elsewhere?.['state'],
      cured,
      seen: await targetsAt(aim, same, bad),
    }).toEqual({
      // RSTUF tells the exception, or its own text, which is empty.
      own: expect.stringMatching(/SerializationError|^$/) as string,
      later: 'FAILURE',
      elsewhere: bins && other !== undefined ? 'SUCCESS' : undefined,
      cured: 'SUCCESS',
      seen: [{ ...info, length: 4 }, undefined],
    });
  });

  it('role-born-expired: a new role can be read once something is published to it', limit, async ({ skip }) => {
    await using aim = await open(['role-born-expired']);
    const config = dataOf(await call(aim, 'GET', 'config/'));
    if (!('delegations' in config)) skip('bins know no such roles');
    const { keyid, ...key } = config['online_key'] as Record<string, string>;
    const name = `late-${randomBytes(4).toString('hex')}`;
    const role = { name, terminating: true, keyids: [keyid], threshold: 1, paths: [`${name}/*`] };
    const roles = [{ ...role, 'x-rstuf-expire-policy': 1 }];
    const delegations = { keys: { [String(keyid)]: key }, roles };
    await endOf(aim, await call(aim, 'POST', 'delegations/', { delegations }));
    await aim.served?.repository.store.renew();
    await delay(1100);
    const before = await targetsAt(aim, `${name}/a`).catch((error: unknown) => String(error));
    const { state } = await add(aim, [`${name}/a`], info);
    expect({ before, state, after: await targetsAt(aim, `${name}/a`) }).toEqual({
      before: expect.stringMatching(/expired/i) as string,
      state: 'SUCCESS',
      after: [info],
    });
  });

  it('duplicate-poisons-worker: additions fail until the worker is restarted', limit, async ({ skip }) => {
    await using aim = await open(['duplicate-poisons-worker', 'worker-stopped']);
    if (aim.served === undefined && command === undefined) skip('RSTUF_RESTART_WORKER is not set');
    let ends: readonly Task[] = [];
    // With a live one, it is a race: once in some rounds two workers meet at the same path.
    for (let round = 0; round < 12 && !ends.some(({ state }) => state === 'FAILURE'); round += 1) {
      const artifacts = Array.from({ length: 8 }, (_, index) => ({ path: at(`twice${round}x${index}`), info }));
      const twice = [];
      for (let count = 0; count < 4; count += 1) twice.push(await call(aim, 'POST', 'artifacts/', { artifacts }));
      await aim.served?.repository.store.restartWorker();
      ends = await Promise.all(twice.map(async (one) => endOf(aim, one)));
    }
    const texts = ends.filter(({ state }) => state === 'FAILURE').map(messageOf);
    // Of a live worker, one process is poisoned.
    let poisoned: unknown;
    for (let tries = 0; tries < 12 && !String(poisoned).startsWith('This Session'); tries += 1) {
      poisoned = messageOf(await add(aim, [at(`poisoned${tries}`)], info));
    }
    await restart(aim);
    const mended = await add(aim, [at('mended')], info);
    expect({
      first: texts.find((text) => String(text).startsWith('(psycopg2')),
      poisoned,
      mended: mended['state'],
    }).toEqual({
      first: expect.stringMatching(
        /^\(psycopg2\.errors\.UniqueViolation\) duplicate key value violates unique constraint "ix_rstuf_target_files_path"\nDETAIL: {2}Key \(path\)=\([^)]+\) already exists\.\n/,
      ) as string,
      poisoned: expect.stringMatching(
        /^This Session's transaction has been rolled back due to a previous exception during flush\./,
      ) as string,
      mended: 'SUCCESS',
    });
  });
});

describe('what can only be simulated', () => {
  it('every-state: a task goes through all states of RSTUF', async () => {
    await using aim = await aimAtEmbedded({ faults: ['every-state'] });
    const seen = await watch(aim, await post(aim, 'notes/a'));
    expect(seen.map(({ state, result }) => [state, result && Object.keys(result)])).toEqual([
      ['PENDING', undefined],
      ['RECEIVED', undefined],
      ['PRE_RUN', undefined],
      ['STARTED', []],
      ['RUNNING', ['message', 'last_update', 'details']],
      ['SUCCESS', ['task', 'status', 'message', 'details', 'last_update']],
    ]);
  });

  it('lost-results: a finished task looks like an unknown one', async () => {
    await using aim = await aimAtEmbedded({ faults: ['lost-results'] });
    const accepted = await post(aim, 'notes/a');
    for (let found: unknown; found === undefined;) [found] = await targetsAt(aim, 'notes/a');
    const { task_id } = dataOf(accepted);
    expect(dataOf(await call(aim, 'GET', `task/?task_id=${String(task_id)}`))).toEqual({ task_id, state: 'PENDING' });
  });

  it('worker-stopped: accepted tasks wait until the worker runs, even if everything else restarts', async () => {
    await using aim = await aimAtEmbedded({ faults: ['worker-stopped', 'bad-artifact-poisons'] });
    const { served } = aim;
    await post(aim, 'notes/a');
    const artifacts = [{ path: 'notes/bad', info: { ...info, length: -1 } }];
    await call(aim, 'POST', 'artifacts/', { artifacts });
    await served.restart();
    const jobs = served.repository.store.journal.jobs.map(({ id }) => id);
    const waiting = await served.refresh().then(async (client) => client.getTargetInfo('notes/a'));
    await served.repository.store.restartWorker();
    await served.restart();
    const { tasks, jobs: left } = served.repository.store.journal;
    expect({ jobs: jobs.length, waiting, states: tasks.map(({ state }) => state), left }).toEqual({
      jobs: 2,
      waiting: undefined,
      states: ['SUCCESS', 'FAILURE'],
      left: [],
    });
  });

  it('config-500, partial-config: once each', async () => {
    await using aim = await aimAtEmbedded({ faults: ['config-500', 'partial-config'] });
    const ask = async (): Promise<Answer> => call(aim, 'GET', 'config/');
    const answers = [await ask(), await ask(), await ask()];
    expect(
      answers.map(({ status, body }) => [status, Object.keys((body['data'] as object | undefined) ?? body)]),
    ).toEqual([
      [500, ['text']],
      [200, ['bootstrap']],
      [200, expect.arrayContaining(['bootstrap', 'trusted_root']) as string[]],
    ]);
  });
});

describe('the table of faults', () => {
  it('is in the page about the embedded repository, word for word', async () => {
    const page = await readFile(resolve(import.meta.dirname, '../../../docs/embedded-repository.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([\w-]+)` +\| (.+?) +\| `(.+?)` +\|$/gm)];
    expect(rows.map(([, name, does, where]) => ({ name, does, where }))).toEqual(
      Object.entries(rstufFaults).map(([name, { does, where }]) => ({ name, does, where })),
    );
  });

  it('has no other names', async () => {
    await expect(serve({ faults: ['no-such-fault' as 'config-500'] })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining('worker-stopped') as string,
    });
  });
});
