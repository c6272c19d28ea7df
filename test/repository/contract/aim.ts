import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Updater } from 'tuf-js';

import type { FaultName, RepositorySettings } from '../../../src/repository/index.ts';
import { serve, type Served } from '../served.ts';

/** An RSTUF to aim the contract at: its API, and where its metadata is served. */
export interface Aim {
  readonly apiUrl: string;
  readonly metadataUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The embedded repository, unless a live one is aimed at. */
  readonly served?: Served;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

const paths = ['notes/*/*'];
type JsonObject = Readonly<Record<string, unknown>>;

const live = process.env['RSTUF_API_URL'];
const liveMetadata = process.env['RSTUF_METADATA_URL'];
if ((live === undefined) !== (liveMetadata === undefined)) {
  throw new Error('To aim at a live RSTUF, set both RSTUF_API_URL and RSTUF_METADATA_URL.');
}

/** What the contract is held against. A live RSTUF must be one that may be thrown away. */
export const aims: readonly (readonly [name: string, open: (faults: readonly FaultName[]) => Promise<Aim>])[] = [
  ['the embedded repository with bins', async (faults) => aimAtEmbedded({ faults, bins: 4 })],
  [
    'the embedded repository with roles',
    async (faults) => aimAtEmbedded({ faults, roles: [{ name: 'notes', paths }] }),
  ],
  ...(live === undefined || liveMetadata === undefined
    ? []
    : [['a live RSTUF', async () => Promise.resolve(aimAtLive(live, liveMetadata))] as const]),
];

export async function aimAtEmbedded(settings: RepositorySettings): Promise<Aim & { readonly served: Served }> {
  const served = await serve(settings);
  const { apiUrl, metadataUrl, apiHeaders } = served.repository;
  return {
    apiUrl,
    metadataUrl,
    headers: apiHeaders,
    served,
    [Symbol.asyncDispose]: async () => served[Symbol.asyncDispose](),
  };
}

function aimAtLive(apiUrl: string, metadataUrl: string): Aim {
  const token = process.env['RSTUF_API_TOKEN'];
  return {
    apiUrl: apiUrl.replace(/\/*$/, '/'),
    metadataUrl: metadataUrl.replace(/\/*$/, '/'),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  };
}

/** One request. A text is sent as it is, everything else as JSON. */
export async function call(
  aim: Aim,
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Promise<Answer> {
  const response = await fetch(`${aim.apiUrl}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...aim.headers, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status, headers } = response;
  const isJson = headers.get('content-type') === 'application/json';
  return { status, location: headers.get('location'), body: isJson ? (JSON.parse(text) as JsonObject) : { text } };
}

export function dataOf(answer: Answer): JsonObject {
  return (answer.body['data'] ?? {}) as JsonObject;
}

const ended = ['SUCCESS', 'FAILURE', 'ERRORED'];

/** Every different answer about a task until it has ended, with the states in their order. */
export async function watch(aim: Aim, accepted: Answer, until = ended): Promise<readonly JsonObject[]> {
  const id = String(dataOf(accepted)['task_id']);
  const deadline = performance.now() + 30_000;
  const seen: JsonObject[] = [];
  for (;;) {
    const data = dataOf(await call(aim, 'GET', `task/?task_id=${id}`));
    if (JSON.stringify(seen.at(-1)) !== JSON.stringify(data)) seen.push(data);
    if (until.includes(String(data['state']))) return seen;
    if (performance.now() > deadline) throw new Error(`The task ${id} did not end: ${JSON.stringify(data)}`);
    await delay(20);
  }
}

/** What a task was in the end. */
export async function endOf(aim: Aim, accepted: Answer, until = ended): Promise<JsonObject> {
  return (await watch(aim, accepted, until)).at(-1) ?? {};
}

export async function add(aim: Aim, paths: readonly string[], info: object, more: object = {}): Promise<JsonObject> {
  const artifacts = paths.map((path) => ({ path, info }));
  return endOf(aim, await call(aim, 'POST', 'artifacts/', { artifacts, ...more }));
}

/** What a new tuf-js client finds at the paths; it begins with the root that the API gives. */
export async function targetsAt(aim: Aim, ...paths: readonly string[]): Promise<readonly unknown[]> {
  const directory = await mkdtemp(join(tmpdir(), 'contract-'));
  try {
    const config = dataOf(await call(aim, 'GET', 'config/'));
    await mkdir(join(directory, 'targets'));
    await writeFile(join(directory, 'root.json'), JSON.stringify(config['trusted_root']));
    const metadataBaseUrl = aim.metadataUrl.replace(/\/$/, '');
    const updater = new Updater({ metadataDir: directory, targetDir: join(directory, 'targets'), metadataBaseUrl });
    await updater.refresh();
    const found = [];
    for (const path of paths) {
      const target = await updater.getTargetInfo(path);
      found.push(target && { length: target.length, hashes: target.hashes, ...custom(target.custom) });
    }
    return found;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function custom(value: JsonObject): object {
  return Object.keys(value).length === 0 ? {} : { custom: value };
}
