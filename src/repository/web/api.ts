import { randomUUID } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';

import { textOf } from '../../shared/errors.ts';
import type { RepositoryLogger } from '../outside.ts';
import type { JobRequest, RepositoryStore } from '../store/contract.ts';
import type { ArtifactRequest } from '../tasks/task.ts';
import { addBody, bootstrapBody, delegationsBody, deleteBody, settingsBody, validationError } from './bodies.ts';
import { hasToken } from './guard.ts';
import { createTaskStates, type TaskStates } from './task-states.ts';
import { bootstrapStatus, configData } from './views.ts';

const maxBodyBytes = 64 * 1024 * 1024;

/** The part of RSTUF's REST API 1.0.1 that a publisher uses, with its bodies, status codes and oddities. */
export function createApi(store: RepositoryStore, logger: RepositoryLogger): Hono {
  const api = new Hono().basePath('/api/v1');
  api.use(gateway(store));
  api.use(bodyLimit({ maxSize: maxBodyBytes, onError: (context) => context.json({ detail: 'Too large' }, 413) }));
  const tasks = createTaskStates(store);
  api.use(spurious404(store));
  addBootstrap(api, store);
  addConfig(api, store);
  addArtifacts(api, store, tasks);
  addDelegations(api, store, tasks);
  api.get('/task/', (context) => {
    const id = context.req.query('task_id');
    if (id !== undefined) return context.json({ data: tasks.read(id), message: 'Task state.' });
    const missing = { type: 'missing', loc: ['query', 'task_id'], msg: 'Field required', input: null };
    return context.json({ detail: [missing] }, 422);
  });
  api.notFound((context) => noRoute(context, new Set(api.routes.map((route) => route.path))));
  api.onError((error, context) => {
    logger.error(`${context.req.method} ${context.req.path} failed: ${textOf(error)}`, error);
    return context.text('Internal Server Error', 500);
  });
  return api;
}

function addBootstrap(api: Hono, store: RepositoryStore): void {
  api.get('/bootstrap/', (context) => {
    const data = bootstrapStatus(store);
    const locked = data.state !== undefined;
    const message = locked ? 'System LOCKED for bootstrap.' : 'System available for bootstrap.';
    return context.json({ data, message });
  });
  api.post('/bootstrap/', async (context) =>
    withBody(context, bootstrapBody, async (body) => {
      const { state } = bootstrapStatus(store);
      if (state !== undefined) {
        return context.json({ detail: { error: `System already has a Metadata. State: ${state}` } }, 404);
      }
      const { id } = await store.accept({ task: 'bootstrap', ...body });
      return accepted(context, store, 'Bootstrap accepted.', { task_id: id });
    }),
  );
}

function addConfig(api: Hono, store: RepositoryStore): void {
  const toPlay = new Set(store.settings.faults);
  api.get('/config/', async (context) => {
    if (toPlay.delete('config-500')) return context.text('Internal Server Error', 500);
    if (store.state === undefined) return noSettings(context, store);
    const data = toPlay.delete('partial-config') ? { bootstrap: store.journal.bootstrap } : await configData(store);
    return context.json({ data, message: 'Current Settings' });
  });
  api.put('/config/', async (context) =>
    withBody(context, settingsBody, async ({ settings }) => {
      if (store.state === undefined) return noSettings(context, store);
      const { id } = await store.accept({ task: 'update_settings', expiration: settings.expiration });
      return accepted(context, store, 'Settings successfully submitted.', { task_id: id });
    }),
  );
}

function addArtifacts(api: Hono, store: RepositoryStore, tasks: TaskStates): void {
  const submit = async (context: Context, message: string, paths: readonly string[], job: JobRequest, id: string) => {
    if (store.state === undefined) return notAccepted(context, store);
    await store.accept(job, id);
    tasks.begin(id);
    return accepted(context, store, message, { artifacts: paths, task_id: id });
  };

  api.post('/artifacts/', async (context) =>
    withBody(context, addBody, async ({ artifacts, add_task_id_to_custom, publish_artifacts: publish }) => {
      const id = taskId();
      const marked = add_task_id_to_custom ? artifacts.map((one) => withTaskId(one, id)) : artifacts;
      const message = `New Artifact(s) successfully submitted.${publish ? '' : ' Publishing will be skipped.'}`;
      const paths = artifacts.map((one) => one.path);
      return submit(context, message, paths, { task: 'add_artifacts', artifacts: marked, publish }, id);
    }),
  );
  api.post('/artifacts/delete', async (context) =>
    withBody(context, deleteBody, async ({ artifacts: paths, publish_artifacts: publish }) => {
      const message = `Remove Artifact(s) successfully submitted.${publish ? '' : ' Publishing will be skipped.'}`;
      return submit(context, message, paths, { task: 'remove_artifacts', paths, publish }, taskId());
    }),
  );
  api.post('/artifacts/publish/', async (context) => {
    const { id } = await store.accept({ task: 'publish_artifacts' });
    return accepted(context, store, 'Publish artifacts successfully submitted.', { artifacts: [], task_id: id });
  });
}

function addDelegations(api: Hono, store: RepositoryStore, tasks: TaskStates): void {
  api.post('/delegations/', async (context) =>
    withBody(context, delegationsBody, async (roles) => {
      if (store.state === undefined) {
        const error = `Requires bootstrap finished. State: ${stateOf(store)}`;
        return context.json({ detail: { message: 'Task not accepted.', error } }, 200);
      }
      const { keyid } = store.state.root.onlineKey;
      if (roles.some(({ keyids }) => keyids.some((one) => one !== keyid))) {
        const msg = 'The embedded repository has only the online key: give no other key';
        const detail = [{ type: 'value_error', loc: ['body', 'delegations', 'roles'], msg, input: null }];
        return context.json({ detail }, 422);
      }
      const added = roles.map(({ name, paths, terminating, expireDays }) => ({ name, paths, terminating, expireDays }));
      const { id } = await store.accept({ task: 'metadata_delegation', roles: added });
      tasks.begin(id);
      return accepted(context, store, 'Metadata delegation add accepted.', { task_id: id });
    }),
  );
}

/** Simulates that RSTUF fails when two requests read its state from Redis at the same time. */
function spurious404(store: RepositoryStore): MiddlewareHandler {
  let inFlight = 0;
  return async (context, next) => {
    const { path } = context.req;
    const concerned = /\/(?:artifacts\/(?:delete)?|config\/)$/.test(path);
    if (!concerned || store.settings.faults?.includes('spurious-404') !== true) return next();
    if (inFlight > 0) return path.includes('/config/') ? noSettings(context) : notAccepted(context);
    inFlight += 1;
    try {
      await next();
    } finally {
      inFlight -= 1;
    }
  };
}

/** Plays the gateway in front of RSTUF, which has no authentication of its own. */
function gateway(store: RepositoryStore): MiddlewareHandler {
  return async (context, next) => {
    const { token = false } = store.settings;
    if (token === false || hasToken(context.req.header('authorization'), token)) return next();
    return context.json({ detail: 'Not authenticated' }, 401, { 'WWW-Authenticate': 'Bearer' });
  };
}

async function withBody<Body>(
  context: Context,
  schema: v.GenericSchema<unknown, Body>,
  handle: (body: Body) => Promise<Response>,
): Promise<Response> {
  let json: unknown;
  // Browsers send this type to another site only after a CORS preflight, which this API never allows.
  const [type = ''] = (context.req.header('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    const input = await context.req.text();
    const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
    const detail = input === '' ? missing : { type: 'model_attributes_type', loc: ['body'], msg, input };
    return context.json({ detail: [detail] }, 422);
  }
  try {
    json = await context.req.json();
  } catch (error) {
    const detail = [
      { type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {}, ctx: { error: textOf(error) } },
    ];
    return context.json({ detail }, 422);
  }
  const parsed = v.safeParse(schema, json);
  return parsed.success ? handle(parsed.output) : context.json(validationError(parsed.issues), 422);
}

function accepted(context: Context, store: RepositoryStore, message: string, data: object): Response {
  const last_update = new Date(store.clock.now()).toISOString();
  return context.json({ data: { ...data, last_update }, message }, 202);
}

/** Answers like a repository that was never bootstrapped if there is no store. */
function notAccepted(context: Context, store?: RepositoryStore): Response {
  const error = `It requires bootstrap finished. State: ${stateOf(store)}`;
  return context.json({ detail: { message: 'Task not accepted.', error } }, 404);
}

function noSettings(context: Context, store?: RepositoryStore): Response {
  const error = `It requires bootstrap. State: ${stateOf(store)}`;
  return context.json({ detail: { message: 'No Repository Settings/Config found.', error } }, 404);
}

/** The status texts that Python uses. */
function stateOf(store?: RepositoryStore): string {
  return (store && bootstrapStatus(store).state) ?? 'None';
}

/** FastAPI's answers: 307 to an absolute address with or without the slash, 405, 404. */
function noRoute(context: Context, paths: ReadonlySet<string>): Response {
  const { path } = context.req;
  if (paths.has(path)) return context.json({ detail: 'Method Not Allowed' }, 405);
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
  if (!paths.has(other)) return context.json({ detail: 'Not Found' }, 404);
  const url = new URL(context.req.url);
  return context.redirect(`http://${url.host}${other}${url.search}`, 307);
}

function taskId(): string {
  return randomUUID().replaceAll('-', '');
}

function withTaskId(artifact: ArtifactRequest, id: string): ArtifactRequest {
  const custom = { added_by_task_id: id, ...artifact.info.custom };
  return { ...artifact, info: { ...artifact.info, custom } };
}
