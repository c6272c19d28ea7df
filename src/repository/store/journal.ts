import * as v from 'valibot';

import type { DelegationPlan, ExpireDays } from '../settings.ts';
import type { Job, Outcome, TaskRecord, UnpublishedChange } from '../tasks/task.ts';
import { jsonObject, signedRoleSchema } from '../tuf/read.ts';
import type { TargetInfo } from '../tuf/targets.ts';

/**
 * `repository.json`: the state that is not in the metadata. Each atomic write leads to the next consistent state. A job is in
 * the file from before its request is answered until after its timestamp is written, so a crash only repeats the job.
 */
export interface Journal {
  readonly schema: 1;
  readonly plan: DelegationPlan;
  readonly expireDays: ExpireDays;
  /** The id of the task that finished the bootstrap. */
  readonly bootstrap: string | null;
  readonly jobs: readonly Job[];
  readonly unpublished: readonly UnpublishedChange[];
  /** The latest tasks, oldest first. */
  readonly tasks: readonly TaskRecord[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.string();
const roles = v.array(v.object({ name: text, paths: v.array(text), terminating: v.boolean(), expireDays: count }));
const plan: v.GenericSchema<unknown, DelegationPlan> = v.union([v.object({ bins: count }), v.object({ roles })]);
/** A job as the publisher sent it, valid or not. */
const info: v.GenericSchema<unknown, TargetInfo> = v.object({
  length: v.pipe(v.number(), v.integer()),
  hashes: v.record(text, text),
  custom: v.exactOptional(jsonObject),
});
const expireDays = v.object({ root: count, targets: count, snapshot: count, timestamp: count, bins: count });
const job: v.GenericSchema<unknown, Job> = v.variant('task', [
  v.object({ id: text, task: v.literal('bootstrap'), root: signedRoleSchema, plan, expireDays }),
  v.object({ id: text, task: v.literal('update_settings'), expiration: v.record(text, count) }),
  v.object({
    id: text,
    task: v.literal('add_artifacts'),
    artifacts: v.array(v.object({ path: text, info })),
    publish: v.boolean(),
  }),
  v.object({ id: text, task: v.literal('remove_artifacts'), paths: v.array(text), publish: v.boolean() }),
  v.object({ id: text, task: v.literal('publish_artifacts') }),
  v.object({ id: text, task: v.literal('metadata_delegation'), roles }),
]);
const task: v.GenericSchema<unknown, TaskRecord> = v.object({
  id: text,
  state: v.picklist(['RUNNING', 'SUCCESS', 'FAILURE', 'ERRORED']),
  result: v.object({
    task: v.picklist([
      'bootstrap',
      'update_settings',
      'add_artifacts',
      'remove_artifacts',
      'publish_artifacts',
      'metadata_delegation',
    ]),
    status: v.boolean(),
    message: text,
    error: v.nullable(text),
    details: v.nullable(jsonObject),
    last_update: text,
  }),
});

/** Parsing throws a `ValiError` if another program wrote the file. */
export const journalSchema: v.GenericSchema<unknown, Journal> = v.object({
  schema: v.literal(1),
  plan,
  expireDays,
  bootstrap: v.nullable(text),
  jobs: v.array(job),
  unpublished: v.array(v.tuple([text, v.nullable(info)])),
  tasks: v.array(task),
});

/** The number of tasks to keep. RSTUF also forgets old tasks. */
const maxTasks = 200;

/**
 * Records a job's result. If the job published, everything except `left` is published, and the tasks that waited for that
 * have succeeded.
 */
export function finishJob(journal: Journal, { record, published, left = [] }: Outcome): Journal {
  const waiting = published ? journal.tasks.map(succeeded) : journal.tasks;
  return {
    ...journal,
    jobs: journal.jobs.filter((one) => one.id !== record.id),
    unpublished: published ? left : journal.unpublished,
    tasks: [...waiting.filter((one) => one.id !== record.id), record].slice(-maxTasks),
  };
}

function succeeded(task: TaskRecord): TaskRecord {
  return task.state === 'RUNNING' ? { ...task, state: 'SUCCESS' } : task;
}
