import { describe, expect, it } from 'vitest';

import { makeRoot } from '../../src/repository/store/bootstrap.ts';
import { departures, exampleOf } from './openapi.ts';
import { type Served, serve } from './served.ts';

interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

const info = { length: 3, hashes: { sha256: 'ab'.repeat(32) } };

describe('adding and removing artifacts', () => {
  it("accepts RSTUF's own examples and answers in its schema", async () => {
    await using served = await serve();
    const added = await call(served, 'POST', 'artifacts/', exampleOf('AddPayload'));
    const task = await finished(served, added);
    const removed = await call(served, 'POST', 'artifacts/delete', exampleOf('DeletePayload'));
    const removal = await finished(served, removed);
    expect({
      statuses: [added.status, task.status, removed.status],
      departures: [
        ...departures('ResponsePostAdd', added.body),
        ...departures('ResponsePostDelete', removed.body),
        ...departures('Response', task.body),
        ...departures('Response', removal.body),
      ],
      artifacts: dataOf(added)['artifacts'],
      details: resultOf(task),
      removal: resultOf(removal),
    }).toEqual({
      statuses: [202, 200, 202],
      departures: [],
      artifacts: ['file1.tar.gz', 'file2.tar.gz', 'file3.tar.gz'],
      details: expect.objectContaining({
        task: 'add_artifacts',
        status: true,
        message: 'Artifact(s) Added',
        details: expect.objectContaining({
          added_artifacts: ['file1.tar.gz', 'file2.tar.gz', 'file3.tar.gz'],
          invalid_paths: [],
        }),
      }),
      removal: expect.objectContaining({
        details: {
          deleted_artifacts: ['file1.tar.gz'],
          not_found_artifacts: ['v3.4.1/file-3.4.1.tar.gz', 'config-3.4.1.yaml'],
        },
      }),
    });
  });

  it('keeps unpublished changes and their running task until a publication', async () => {
    await using served = await serve();
    const body = { artifacts: [{ path: 'notes/held', info }], publish_artifacts: false };
    const added = await call(served, 'POST', 'artifacts/', body);
    const before = await finished(served, added);
    const client = await served.refresh();
    const unseen = await client.getTargetInfo('notes/held');
    await served.restart();
    const published = await call(served, 'POST', 'artifacts/publish/');
    const publication = await finished(served, published);
    const after = await finished(served, added);
    expect({
      message: added.body['message'],
      before: [dataOf(before)['state'], departures('Response', before.body)],
      unseen,
      published: departures('ResponsePostPublish', published.body),
      publication: resultOf(publication)['message'],
      after: dataOf(after)['state'],
      seen: (await (await served.refresh()).getTargetInfo('notes/held'))?.length,
    }).toEqual({
      message: 'New Artifact(s) successfully submitted. Publishing will be skipped.',
      before: ['RUNNING', []],
      unseen: undefined,
      published: [],
      publication: 'Publish Artifacts Processed',
      after: 'SUCCESS',
      seen: 3,
    });
  });

  it('succeeds with invalid paths when no role covers them', async () => {
    await using served = await serve({ roles: [{ name: 'notes', paths: ['notes/*'] }] });
    const artifacts = ['notes/a', 'notes/a/b', 'other/a'].map((path) => ({ path, info }));
    const task = await finished(served, await call(served, 'POST', 'artifacts/', { artifacts }));
    expect([dataOf(task)['state'], resultOf(task)['details']]).toEqual([
      'SUCCESS',
      { added_artifacts: ['notes/a'], invalid_paths: ['notes/a/b', 'other/a'], artifact_roles: ['notes'] },
    ]);
  });

  it.each([
    ['a negative length', { ...info, length: -1 }],
    ['a hash that is none', { ...info, hashes: { sha256: 'xyz' } }],
    ['a fraction in custom', { ...info, custom: { ratio: 0.5 } }],
  ])('fails only the one task for %s and continues to publish', async (_what, bad) => {
    await using served = await serve();
    const artifacts = [{ path: 'notes/bad', info: bad }];
    const task = await finished(served, await call(served, 'POST', 'artifacts/', { artifacts }));
    await served.publish('notes/good', 'good');
    expect({ state: dataOf(task)['state'], good: await served.read('notes/good') }).toEqual({
      state: 'FAILURE',
      good: 'good',
    });
  });
});

describe('bootstrap and configuration', () => {
  it('is bootstrapped with the settings and the root that RSTUF tools send', async () => {
    await using served = await serve({ bootstrap: 'api' });
    const { keys } = served.repository.store;
    const rootKeys = [await keys.create('root'), await keys.create('root')];
    const root = makeRoot(
      { version: 1, expires: '2046-01-01T00:00:00Z', threshold: 2 },
      rootKeys,
      await keys.create('online'),
    );
    const { settings } = exampleOf('BootstrapPayload') as { settings: object };

    const before = [await call(served, 'GET', 'bootstrap/'), await call(served, 'GET', 'config/')];
    const refused = await call(served, 'POST', 'artifacts/', { artifacts: [{ path: 'a/b', info }] });
    const unsigned = { root: { ...root.file, signatures: root.file.signatures.slice(1) } };
    const failed = await finished(served, await call(served, 'POST', 'bootstrap/', { settings, metadata: unsigned }));
    const posted = await call(served, 'POST', 'bootstrap/', { settings, metadata: { root: root.file } });
    const task = await finished(served, posted);
    const after = await call(served, 'GET', 'bootstrap/');
    const again = await call(served, 'POST', 'bootstrap/', { settings, metadata: { root: root.file } });
    const config = await call(served, 'GET', 'config/');
    await served.publish('notes/a', 'one');

    expect({
      before: before.map((one) => [one.status, one.body]),
      refused: refused.status,
      failed: dataOf(failed)['state'],
      departures: [
        ...departures('BootstrapGetResponse', after.body),
        ...departures('BootstrapPostResponse', posted.body),
        ...departures('Response', task.body),
        ...departures('GetResponse', config.body),
      ],
      details: resultOf(task)['details'],
      after: after.body,
      again: again.status,
      config: dataOf(config),
      read: await served.read('notes/a'),
    }).toEqual({
      before: [
        [200, { data: { bootstrap: false }, message: 'System available for bootstrap.' }],
        [
          404,
          {
            detail: {
              message: 'No Repository Settings/Config found.',
              error: 'It requires bootstrap. State: None',
            },
          },
        ],
      ],
      refused: 404,
      failed: 'ERRORED',
      departures: [],
      details: { bootstrap: `Bootstrap finished ${String(dataOf(posted)['task_id'])}` },
      after: {
        data: { bootstrap: true, state: 'finished', id: dataOf(posted)['task_id'] },
        message: 'System LOCKED for bootstrap.',
      },
      again: 404,
      config: expect.objectContaining({
        number_of_delegated_bins: 4,
        root_threshold: 2,
        timestamp_expiration: 1,
        trusted_root: JSON.parse(JSON.stringify(root.file)) as unknown,
      }),
      read: 'one',
    });
  });

  it('changes the expiry of later metadata', async () => {
    await using served = await serve();
    const put = await call(served, 'PUT', 'config/', { settings: { expiration: { timestamp: 7, nobody: 2 } } });
    const task = await finished(served, put);
    await served.publish('notes/a', 'one');
    const expires = Date.parse(served.repository.store.needState().timestamp.expires);
    expect({
      status: put.status,
      departures: departures('PutResponse', put.body),
      details: resultOf(task)['details'],
      days: Math.round((expires - Date.now()) / 86_400_000),
    }).toEqual({
      status: 202,
      departures: [],
      details: { updated_roles: ['timestamp'], invalid_roles: ['nobody'] },
      days: 7,
    });
  });
});

async function call(served: Served, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${served.repository.apiUrl}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...served.repository.apiHeaders, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    location: response.headers.get('location'),
    body: text === '' ? {} : (JSON.parse(text) as Answer['body']),
  };
}

/** The task of an answer, once the worker has dealt with it. */
async function finished(served: Served, answer: Answer): Promise<Answer> {
  await served.repository.store.exclusive(async () => undefined);
  return call(served, 'GET', `task/?task_id=${String(dataOf(answer)['task_id'])}`);
}

function dataOf(answer: Answer): Readonly<Record<string, unknown>> {
  return answer.body['data'] as Record<string, unknown>;
}

function resultOf(answer: Answer): Readonly<Record<string, unknown>> {
  return dataOf(answer)['result'] as Record<string, unknown>;
}
