// @module-tag slow
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { departures, exampleOf } from '../openapi.ts';
import { add, type Aim, aims, call, dataOf, endOf, targetsAt, watch } from './aim.ts';

const info = { length: 3, hashes: { sha256: 'ab'.repeat(32) } };
/** A live RSTUF remembers what earlier runs added. */
const prefix = `notes/${randomBytes(6).toString('hex')}`;
const at = (name: string): string => `${prefix}/${name}`;
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/) as string;

/** What a publisher may rely on in RSTUF 1.0: the same statements for the embedded repository and a live one. */
describe.each(aims)('%s', (_name, open) => {
  let aim: Aim;
  beforeAll(async () => {
    aim = await open(['every-state']);
  });
  afterAll(async () => aim[Symbol.asyncDispose]());

  it('can be bootstrapped once', async () => {
    const state = await call(aim, 'GET', 'bootstrap/');
    const again = await call(aim, 'POST', 'bootstrap/', exampleOf('BootstrapPayload'));
    expect({ state, departures: departures('BootstrapGetResponse', state.body), again }).toMatchObject({
      state: {
        status: 200,
        body: {
          data: { bootstrap: true, state: 'finished', id: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
          message: 'System LOCKED for bootstrap.',
        },
      },
      departures: [],
      again: { status: 404, body: { detail: { error: 'System already has a Metadata. State: finished' } } },
    });
  });

  it('returns its settings with root, targets and online key', async () => {
    const answer = await call(aim, 'GET', 'config/');
    const config = dataOf(answer);
    const roles = ['root', 'targets', 'snapshot', 'timestamp'];
    const perRole = roles.flatMap((role) => ['expiration', 'threshold', 'num_keys'].map((name) => `${role}_${name}`));
    const plan = 'delegations' in config ? [] : ['number_of_delegated_bins', 'bins_expiration', 'bins_threshold'];
    const { signed } = config['trusted_root'] as { signed: { roles: { timestamp: object }; version: number } };
    const served = await fetch(`${aim.metadataUrl}${signed.version}.root.json`);
    expect({
      status: answer.status,
      departures: departures('GetResponse', answer.body),
      notThere: [...perRole, ...plan, 'targets_online_key', 'bootstrap'].filter((name) => !(name in config)),
      served: await served.json(),
      online: config['online_key'],
      timestamp: signed.roles.timestamp,
      targets: config['trusted_targets'],
    }).toEqual({
      status: 200,
      departures: [],
      notThere: [],
      served: config['trusted_root'],
      online: expect.objectContaining({
        keytype: 'ed25519',
        keyval: { public: expect.any(String) as string },
      }) as object,
      timestamp: { keyids: [(config['online_key'] as { keyid: string }).keyid], threshold: 1 },
      targets: expect.objectContaining({
        signed: expect.objectContaining({ _type: 'targets', targets: {} }) as object,
      }) as object,
    });
  });

  it('adds artifacts that clients see when the task has succeeded', async () => {
    const body = { artifacts: [{ path: at('a'), info: { ...info, custom: { version: '1', none: null } } }] };
    const accepted = await call(aim, 'POST', 'artifacts/', body);
    const seen = await watch(aim, accepted);
    const before = seen.filter(({ state }) => state !== 'SUCCESS');
    expect({
      accepted: accepted.body,
      departures: [
        ...departures('ResponsePostAdd', accepted.body),
        ...seen.flatMap((data) => departures('TasksData', data)),
      ],
      resultsBefore: before.filter(({ state, result }) => !['STARTED', 'RUNNING'].includes(String(state)) && result),
      end: seen.at(-1),
      found: await targetsAt(aim, at('a'), at('nothing')),
    }).toEqual({
      accepted: {
        data: { artifacts: [at('a')], task_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, last_update: time },
        message: 'New Artifact(s) successfully submitted.',
      },
      departures: [],
      resultsBefore: [],
      end: {
        task_id: dataOf(accepted)['task_id'],
        state: 'SUCCESS',
        result: {
          message: 'Artifact(s) Added',
          status: true,
          task: 'add_artifacts',
          last_update: time,
          details: {
            added_artifacts: [at('a')],
            invalid_paths: [],
            artifact_roles: [expect.any(String) as string],
          },
        },
      },
      found: [{ ...info, custom: { version: '1', none: null } }, undefined],
    });
  });

  it('reports the remaining roles as text while it publishes', async () => {
    const body = { artifacts: [{ path: at('b'), info }], publish_artifacts: false };
    const accepted = await call(aim, 'POST', 'artifacts/', body);
    const held = await endOf(aim, accepted, ['RUNNING']);
    const [unseen] = await targetsAt(aim, at('b'));
    const publication = await call(aim, 'POST', 'artifacts/publish/');
    const published = await endOf(aim, publication);
    const end = await endOf(aim, accepted);
    const { details } = end['result'] as { details: { artifact_roles: readonly string[] } };
    const roles = details.artifact_roles.map((role) => `'${role}'`).join(', ');
    expect({
      message: accepted.body['message'],
      held: held['result'],
      unseen,
      departures: departures('ResponsePostPublish', publication.body),
      artifacts: dataOf(publication)['artifacts'],
      published: [published['state'], (published['result'] as { details: object }).details],
      seen: await targetsAt(aim, at('b')),
    }).toEqual({
      message: 'New Artifact(s) successfully submitted. Publishing will be skipped.',
      held: {
        message: 'Publishing',
        last_update: time,
        details: { published_roles: [], roles_to_publish: `[${roles}]` },
      },
      unseen: undefined,
      departures: [],
      artifacts: [],
      published: ['SUCCESS', { artifact_roles: details.artifact_roles }],
      seen: [info],
    });
  });

  it('has nothing to publish most of the time', async () => {
    const end = await endOf(aim, await call(aim, 'POST', 'artifacts/publish/'));
    expect(end['result']).toEqual({
      message: 'Publish Artifacts Processed',
      status: true,
      task: 'publish_artifacts',
      last_update: time,
      details: { artifact_roles: null },
    });
  });

  it("overwrites an artifact that is added again, with the task's id on request", async () => {
    await add(aim, [at('c')], info);
    const body = { artifacts: [{ path: at('c'), info: { ...info, length: 4 } }], add_task_id_to_custom: true };
    const accepted = await call(aim, 'POST', 'artifacts/', body);
    await endOf(aim, accepted);
    expect(await targetsAt(aim, at('c'))).toEqual([
      { ...info, length: 4, custom: { added_by_task_id: dataOf(accepted)['task_id'] } },
    ]);
  });

  it('removes known paths from the metadata', async () => {
    await add(aim, [at('d')], info);
    const accepted = await call(aim, 'POST', 'artifacts/delete', { artifacts: [at('d'), at('nothing')] });
    const end = await endOf(aim, accepted);
    expect({
      departures: departures('ResponsePostDelete', accepted.body),
      accepted: accepted.body,
      result: end['result'],
      found: await targetsAt(aim, at('d')),
    }).toEqual({
      departures: [],
      accepted: {
        data: {
          artifacts: [at('d'), at('nothing')],
          task_id: expect.any(String) as string,
          last_update: time,
        },
        message: 'Remove Artifact(s) successfully submitted.',
      },
      result: {
        message: 'Artifact(s) removed',
        status: true,
        task: 'remove_artifacts',
        last_update: time,
        details: { deleted_artifacts: [at('d')], not_found_artifacts: [at('nothing')] },
      },
      found: [undefined],
    });
  });

  it('succeeds with nothing to do, and with paths that no role covers', async () => {
    const bins = 'number_of_delegated_bins' in dataOf(await call(aim, 'GET', 'config/'));
    const far = `uncovered${at('a/b/c/d/e/f/g')}`;
    const details = async (paths: readonly string[]): Promise<unknown> =>
      ((await add(aim, paths, info))['result'] as { details: unknown }).details;
    expect({ nothing: await details([]), uncovered: await details([far]) }).toEqual({
      nothing: { added_artifacts: [], invalid_paths: [], artifact_roles: [] },
      uncovered: bins
        ? { added_artifacts: [far], invalid_paths: [], artifact_roles: [expect.any(String) as string] }
        : { added_artifacts: [], invalid_paths: [far], artifact_roles: [] },
    });
  });

  it('reports an unknown task as PENDING and nothing else', async () => {
    const { body } = await call(aim, 'GET', 'task/?task_id=nobody');
    expect(body).toEqual({ data: { task_id: 'nobody', state: 'PENDING' }, message: 'Task state.' });
  });

  it('changes expiries of roles that it knows', async () => {
    const { timestamp_expiration: timestamp } = dataOf(await call(aim, 'GET', 'config/'));
    const put = await call(aim, 'PUT', 'config/', { settings: { expiration: { timestamp, nobody: 2 } } });
    const end = await endOf(aim, put);
    expect({
      status: put.status,
      message: put.body['message'],
      departures: departures('PutResponse', put.body),
      result: end['result'],
    }).toEqual({
      status: 202,
      message: 'Settings successfully submitted.',
      departures: [],
      result: {
        message: 'Update Settings Succeded',
        status: true,
        task: 'update_settings',
        last_update: time,
        details: { updated_roles: ['timestamp'], invalid_roles: ['nobody'] },
      },
    });
  });

  it('adds delegated roles if it has no bins', async () => {
    const config = dataOf(await call(aim, 'GET', 'config/'));
    const { keyid, ...key } = config['online_key'] as Record<string, string>;
    const role = { terminating: true, keyids: [keyid], threshold: 1, 'x-rstuf-expire-policy': 1 };
    const name = `role-${randomBytes(4).toString('hex')}`;
    const delegations = { keys: { [String(keyid)]: key }, roles: [{ ...role, name, paths: [`${name}/*`] }] };
    const accepted = await call(aim, 'POST', 'delegations/', { delegations });
    const { state, result } = await endOf(aim, accepted);
    expect({
      status: accepted.status,
      message: accepted.body['message'],
      departures: departures('DelegationsResponse', accepted.body),
      end: { state, result },
    }).toEqual({
      status: 202,
      message: 'Metadata delegation add accepted.',
      departures: [],
      end:
        'delegations' in config
          ? {
              state: 'SUCCESS',
              result: {
                message: 'Metadata Delegation Processed',
                status: true,
                task: 'metadata_delegation',
                last_update: time,
                details: { delegated_roles: [name], failed_roles: [] },
              },
            }
          : { state: 'FAILURE', result: { message: 'Delegations already using hash-bins, cannot add custom roles' } },
    });
  });

  it.each<[method: string, path: string, to: string]>([
    ['POST', 'artifacts', 'artifacts/'],
    ['POST', 'artifacts/delete/', 'artifacts/delete'],
    ['POST', 'artifacts/publish', 'artifacts/publish/'],
    ['GET', 'config', 'config/'],
    ['GET', 'task?task_id=x', 'task/?task_id=x'],
  ])('redirects %s %s to the exact path, with an absolute address', async (method, path, to) => {
    const { status, location, body } = await call(aim, method, path);
    expect({ status, location, body }).toEqual({ status: 307, location: `${aim.apiUrl}${to}`, body: { text: '' } });
  });

  it.each<[method: string, path: string, status: number, detail: string]>([
    ['GET', 'artifacts/', 405, 'Method Not Allowed'],
    ['GET', 'artifacts/delete', 405, 'Method Not Allowed'],
    ['GET', 'nothing/', 404, 'Not Found'],
  ])('answers %s %s with %i', async (method, path, status, detail) => {
    expect(await call(aim, method, path)).toMatchObject({ status, body: { detail } });
  });

  it.each<[method: string, path: string, body: unknown, type: string, loc: readonly unknown[], content?: string]>([
    ['POST', 'artifacts/', { artifacts: [{ path: 'a' }] }, 'missing', ['body', 'artifacts', 0, 'info']],
    [
      'POST',
      'artifacts/',
      { artifacts: [{ path: 'a', info: { ...info, length: 1.5 } }] },
      'int_from_float',
      ['body', 'artifacts', 0, 'info', 'length'],
    ],
    ['POST', 'artifacts/', 'no JSON', 'json_invalid', ['body', 0]],
    ['POST', 'artifacts/', undefined, 'missing', ['body']],
    ['POST', 'artifacts/', { artifacts: [] }, 'model_attributes_type', ['body'], 'text/plain'],
    ['POST', 'artifacts/delete', {}, 'missing', ['body', 'artifacts']],
    ['PUT', 'config/', { settings: {} }, 'missing', ['body', 'settings', 'expiration']],
    ['GET', 'task/', undefined, 'missing', ['query', 'task_id']],
  ])('answers %s %s of %j with 422, %s', async (method, path, body, type, loc, content) => {
    const answer = await call(aim, method, path, body, content);
    const { detail } = answer.body as { detail: readonly Record<string, unknown>[] };
    const errors = detail.map(({ loc, msg, type }) => ({ loc, msg, type }));
    expect({
      status: answer.status,
      first: { type: errors[0]?.type, loc: errors[0]?.loc },
      departures: departures('HTTPValidationError', { detail: errors }),
    }).toEqual({ status: 422, first: { type, loc }, departures: [] });
  });
});
