import { Metadata, MetadataKind } from '@tufjs/models';

import { assertNever } from '../../shared/assert-never.ts';
import { textOf } from '../../shared/errors.ts';
import type { ExpireDays } from '../settings.ts';
import { publishFirst } from '../store/bootstrap.ts';
import type { RepositoryStore } from '../store/contract.ts';
import { roleForPath } from '../tuf/delegation.ts';
import type { JsonObject } from '../tuf/json.ts';
import { readRoot } from '../tuf/read.ts';
import type { SignedRole } from '../tuf/sign.ts';
import { publishedTargets } from '../tuf/state.ts';
import type { TargetInfo } from '../tuf/targets.ts';
import { placeTargets, writeChanges } from '../tuf/write.ts';
import { faultOf } from './admit.ts';
import type { Job, TaskRecord, TaskResult } from './task.ts';

/** What a job did: the record to keep, and whether everything unpublished has been published with it. */
export interface Outcome {
  readonly record: TaskRecord;
  readonly published: boolean;
}

/** A result without what every result has. */
type Finding = Pick<TaskResult, 'message' | 'error' | 'details'>;
type Change = readonly [path: string, info: TargetInfo | null];

/** Does one job as RSTUF's worker would. It never throws: an unexpected error is a failed task. */
export async function runJob(store: RepositoryStore, job: Job): Promise<Outcome> {
  try {
    return await dispatch(store, job);
  } catch (error) {
    return outcome(store, job, 'FAILURE', { message: textOf(error), error: textOf(error), details: null });
  }
}

async function dispatch(store: RepositoryStore, job: Job): Promise<Outcome> {
  switch (job.task) {
    case 'bootstrap':
      return bootstrap(store, job);
    case 'update_settings':
      return updateSettings(store, job);
    case 'add_artifacts':
      return addArtifacts(store, job);
    case 'remove_artifacts':
      return removeArtifacts(store, job);
    case 'publish_artifacts':
      return publishArtifacts(store, job);
    default:
      return assertNever(job);
  }
}

async function bootstrap(store: RepositoryStore, job: Extract<Job, { task: 'bootstrap' }>): Promise<Outcome> {
  const fault = faultOfRoot(job.root);
  if (fault !== undefined) {
    return outcome(store, job, 'ERRORED', { message: 'Bootstrap Failed', error: fault, details: null });
  }
  const { plan, expireDays } = job;
  await store.updateJournal((journal) => ({ ...journal, plan, expireDays }));
  await publishFirst(store, readRoot(job.root), plan);
  await store.updateJournal((journal) => ({ ...journal, bootstrap: job.id }));
  const details = { bootstrap: `Bootstrap finished ${job.id}` };
  return outcome(store, job, 'SUCCESS', { message: 'Bootstrap Processed', error: null, details });
}

async function updateSettings(
  store: RepositoryStore,
  job: Extract<Job, { task: 'update_settings' }>,
): Promise<Outcome> {
  const known = Object.keys(store.journal.expireDays);
  const updated = Object.entries(job.expiration).filter(([role]) => known.includes(role));
  const expireDays: ExpireDays = { ...store.journal.expireDays, ...Object.fromEntries(updated) };
  await store.updateJournal((journal) => ({ ...journal, expireDays }));
  const details = {
    updated_roles: updated.map(([role]) => role),
    invalid_roles: Object.keys(job.expiration).filter((role) => !known.includes(role)),
  };
  return outcome(store, job, 'SUCCESS', { message: 'Update Settings Succeded', error: null, details });
}

async function addArtifacts(store: RepositoryStore, job: Extract<Job, { task: 'add_artifacts' }>): Promise<Outcome> {
  const fault = job.artifacts.map(faultOf).find((one) => one !== undefined);
  if (fault !== undefined) return outcome(store, job, 'FAILURE', { message: fault, error: fault, details: null });

  const { delegation } = store.needState().targets;
  const covered = job.artifacts.filter(({ path }) => roleForPath(delegation, path) !== undefined);
  const added = covered.map(({ path }) => path);
  const invalid = job.artifacts.filter((one) => !covered.includes(one)).map(({ path }) => path);
  const details = {
    added_artifacts: added,
    invalid_paths: invalid,
    artifact_roles: [...new Set(added.map((path) => roleForPath(delegation, path) ?? ''))],
  };
  const changes = covered.map(({ path, info }): Change => [path, info]);
  return change(store, job, changes, { message: 'Artifact(s) Added', error: null, details });
}

async function removeArtifacts(
  store: RepositoryStore,
  job: Extract<Job, { task: 'remove_artifacts' }>,
): Promise<Outcome> {
  const known = new Set(Array.from(publishedTargets(store.needState()), ([path]) => path));
  for (const [path, info] of store.journal.unpublished) if (info !== null) known.add(path);
  const deleted = job.paths.filter((path) => known.has(path));
  const details = {
    deleted_artifacts: deleted,
    not_found_artifacts: job.paths.filter((path) => !known.has(path)),
  };
  const changes = deleted.map((path): Change => [path, null]);
  return change(store, job, changes, { message: 'Artifact(s) removed', error: null, details });
}

async function publishArtifacts(
  store: RepositoryStore,
  job: Extract<Job, { task: 'publish_artifacts' }>,
): Promise<Outcome> {
  const roles = await publish(store, store.journal.unpublished);
  const details = { artifact_roles: roles.length === 0 ? null : roles };
  return outcome(store, job, 'SUCCESS', { message: 'Publish Artifacts Processed', error: null, details }, true);
}

/** Publishes changes, or keeps them for a later publication: such a task stays `RUNNING` until then. */
async function change(
  store: RepositoryStore,
  job: Extract<Job, { publish: boolean }>,
  changes: readonly Change[],
  finding: Finding,
): Promise<Outcome> {
  if (!job.publish && changes.length > 0) {
    await store.updateJournal((journal) => ({ ...journal, unpublished: [...journal.unpublished, ...changes] }));
    return outcome(store, job, 'RUNNING', finding);
  }
  if (changes.length === 0) return outcome(store, job, 'SUCCESS', finding);
  await publish(store, [...store.journal.unpublished, ...changes]);
  return outcome(store, job, 'SUCCESS', finding, true);
}

/** The names of the roles that got a new version. */
async function publish(store: RepositoryStore, changes: readonly Change[]): Promise<readonly string[]> {
  const state = store.needState();
  const { delegated } = placeTargets(state, new Map(changes.map(([path, info]) => [path, info ?? undefined])));
  if (delegated.size > 0) await store.commit(writeChanges(state, { delegated }, store.signer()));
  return [...delegated.keys()];
}

function faultOfRoot(root: SignedRole): string | undefined {
  if (root.signatures.length === 0) return 'Metadata requires at least one valid signature';
  try {
    const model = Metadata.fromJSON(MetadataKind.Root, { ...root, signed: root.signed } as never);
    model.verifyDelegate('root', model);
  } catch (error) {
    return `Bootstrap has invalid signature(s): ${textOf(error)}`;
  }
  return undefined;
}

function outcome(
  store: RepositoryStore,
  job: Job,
  state: TaskRecord['state'],
  finding: Finding,
  published = false,
): Outcome {
  const details: JsonObject | null = finding.details;
  const last_update = new Date(store.clock.now()).toISOString();
  const result = { task: job.task, status: finding.error === null, ...finding, details, last_update };
  return { record: { id: job.id, state, result }, published };
}
