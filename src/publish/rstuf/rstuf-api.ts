import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';

import { UpdateError } from '../../shared/errors.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import { growingPause, retry } from '../../shared/retry.ts';
import { type ApiOptions, createTransport } from './transport.ts';
import { openUnfinishedTasks, requestDigest } from './unfinished-tasks.ts';

/** A target file as RSTUF registers it. `custom` must not contain floats, which canonical JSON cannot represent. */
export interface Registration {
  readonly path: string;
  readonly info: {
    readonly length: number;
    readonly hashes: { readonly sha256: string; readonly sha512: string };
    readonly custom?: Readonly<Record<string, unknown>>;
  };
}

export interface RstufApiOptions extends ApiOptions {
  /** Milliseconds after which a task counts as stuck, because RSTUF reports unknown tasks as PENDING. @defaultValue 300000 */
  readonly taskTimeoutMs?: number;
  /** Remembers tasks that have not ended, so that another run waits for them and sends none twice. */
  readonly tasksFile?: string;
}

/** The part of RSTUF's REST API (1.0) that a publisher needs. */
export interface RstufApi {
  /** Registers target files in batches, and waits until RSTUF has signed each batch. */
  register(files: readonly Registration[], onProgress?: (done: number) => void): Promise<void>;
  /** Checks that the API answers and accepts the credentials. */
  probe(): Promise<void>;
  /** Reads RSTUF's settings. Their `trusted_root` is the current root metadata. */
  config(): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** RSTUF signs once a batch, and that takes most of the time: 500 files in one took half as long as in batches of 64. */
const largestBatch = 512;
const firstPollMs = 100;
const longestPollMs = 2_000;

const acceptedSchema = v.object({ data: v.object({ task_id: v.string() }) });
const configSchema = v.object({ data: v.record(v.string(), v.unknown()) });
const taskSchema = v.object({
  data: v.object({
    state: v.string(),
    result: v.nullish(
      v.object({
        status: v.nullish(v.boolean()),
        message: v.nullish(v.string()),
        error: v.nullish(v.string()),
        details: v.nullish(v.looseObject({ invalid_paths: v.nullish(v.array(v.string())) })),
      }),
    ),
  }),
});
type Task = v.InferOutput<typeof taskSchema>['data'];

/** Errors that say what became of a task. */
const taskEnds: ReadonlySet<string> = new Set(['PUBLISH_TASK_FAILED', 'PUBLISH_NOT_COVERED']);
/** What a worker says whose database session is broken: everything after it fails as well. */
const brokenSession = /UniqueViolation|violates unique constraint|transaction has been rolled back due to a previous/;
const failedStates = ['FAILURE', 'ERRORED', 'REVOKED', 'REJECTED', 'IGNORED'];

/**
 * @throws UpdateError `PUBLISH_UNREACHABLE`, `PUBLISH_UNAUTHORISED`, `PUBLISH_API`, `PUBLISH_TASK_FAILED`,
 * `PUBLISH_NOT_COVERED`, `PUBLISH_TIMEOUT`
 */
export function createRstufApi(options: RstufApiOptions): RstufApi {
  const transport = createTransport(options);
  const unfinished = openUnfinishedTasks(options.tasksFile);

  async function add(batch: readonly Registration[]): Promise<void> {
    const body = { artifacts: batch, add_task_id_to_custom: false, publish_artifacts: true };
    const request = requestDigest(options.url, body);
    const earlier = await unfinished.find(request);
    if (earlier !== undefined && (await hasEnded(earlier))) return;
    // One batch at a time, because RSTUF wrongly answers concurrent additions with 404.
    const accepted = await transport.send('POST', 'api/v1/artifacts/', body);
    const taskId = read(acceptedSchema, accepted, 'POST /api/v1/artifacts/').data.task_id;
    await unfinished.add(taskId, request);
    await end(taskId);
  }

  /** A task of an earlier run: of two that add the same new path, RSTUF's worker fails at the second and goes on failing. */
  async function hasEnded(taskId: string): Promise<boolean> {
    try {
      await end(taskId);
      return true;
    } catch (error) {
      if (error instanceof UpdateError && taskEnds.has(error.code)) return false;
      throw error;
    }
  }

  async function end(taskId: string): Promise<void> {
    try {
      await waitFor(taskId);
    } catch (error) {
      if (error instanceof UpdateError && taskEnds.has(error.code)) await unfinished.remove(taskId);
      throw error;
    }
    await unfinished.remove(taskId);
  }

  async function waitFor(taskId: string): Promise<void> {
    const limit = options.taskTimeoutMs ?? 300_000;
    const deadline = performance.now() + limit;
    const task = await retry(
      async () => {
        const answer = await transport.send('GET', `api/v1/task/?task_id=${encodeURIComponent(taskId)}`);
        return read(taskSchema, answer, 'GET /api/v1/task/').data;
      },
      (polled, attempts) => {
        const pause = growingPause(attempts, firstPollMs, longestPollMs, 1.5);
        return isDone(polled) || performance.now() + pause > deadline ? undefined : pause;
      },
      (ms) => delay(ms, undefined, omitUndefined({ signal: options.signal })),
    );
    if (isDone(task)) return;
    throw new UpdateError(
      'PUBLISH_TIMEOUT',
      `RSTUF did not finish in ${Math.round(limit / 1000)} seconds: task ${taskId.slice(0, 64)} is still ${task.state}. Check that its worker runs, then run the same command again: the command waits for this task again. An hour after the first time it sends the task once more.`,
      { details: { task: taskId.slice(0, 64) } },
    );
  }

  return {
    async register(files, onProgress) {
      for (let start = 0; start < files.length; start += largestBatch) {
        const batch = files.slice(start, start + largestBatch);
        await add(batch);
        onProgress?.(start + batch.length);
      }
    },
    async probe() {
      // Of what publishing needs, the one request that changes nothing: RSTUF answers PENDING for tasks that never were.
      const answer = await transport.send('GET', `api/v1/task/?task_id=${randomUUID().replaceAll('-', '')}`);
      read(taskSchema, answer, 'GET /api/v1/task/');
    },
    async config() {
      return read(configSchema, await transport.send('GET', 'api/v1/config/'), 'GET /api/v1/config/').data;
    },
    close: async () => transport.close(),
  };
}

/**
 * Whether a task has succeeded: state SUCCESS, status true, and no invalid paths. RSTUF also reports SUCCESS if no role
 * covers a path.
 * @throws UpdateError `PUBLISH_TASK_FAILED`, `PUBLISH_NOT_COVERED`
 */
function isDone(task: Task): boolean {
  const invalid = task.result?.details?.invalid_paths ?? [];
  if (task.state === 'SUCCESS' && invalid.length > 0) {
    throw notCovered(invalid);
  }
  if (task.state === 'SUCCESS' && task.result?.status === true) return true;
  if (task.state !== 'SUCCESS' && !failedStates.includes(task.state)) return false;
  const why = [task.result?.message, task.result?.error].filter(Boolean).join(': ') || 'no reason was given';
  const help = brokenSession.test(why)
    ? " Restart RSTUF's worker: after this fault it fails at everything until then. Then run the same command again."
    : '';
  throw new UpdateError('PUBLISH_TASK_FAILED', `RSTUF could not sign the files (${task.state}): ${why}.${help}`);
}

export function notCovered(paths: readonly string[]): UpdateError {
  return new UpdateError(
    'PUBLISH_NOT_COVERED',
    `No delegated role of the repository covers ${paths.join(', ')}. Add a role with a matching path pattern ("*" matches one segment), then publish again.`,
  );
}

function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new UpdateError(
    'PUBLISH_API',
    `${what} returned an unexpected response. Check that --api is the address of an RSTUF API.`,
  );
}
