import { Metadata, MetadataKind } from '@tufjs/models';

import { assertNever } from '../../shared/assert-never.ts';
import { textOf } from '../../shared/errors.ts';
import type { ExpireDays } from '../settings.ts';
import { publishFirst } from '../store/bootstrap.ts';
import type { RepositoryStore } from '../store/contract.ts';
import { roleForPath } from '../tuf/delegation.ts';
import { readRoot } from '../tuf/read.ts';
import type { SignedRole } from '../tuf/sign.ts';
import { publishedTargets } from '../tuf/state.ts';
import { faultOf } from './admit.ts';
import { delegate } from './delegate.ts';
import { failed, outcome } from './outcome.ts';
import { change, publishUnpublished } from './publication.ts';
import type { Job, Outcome, UnpublishedChange } from './task.ts';

/** Runs a job as RSTUF's worker would. Never throws: an unexpected error becomes a failed task. */
export async function runJob(store: RepositoryStore, job: Job): Promise<Outcome> {
  try {
    return await dispatch(store, job);
  } catch (error) {
    return failed(store, job, textOf(error));
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
      return publishUnpublished(store, job);
    case 'metadata_delegation':
      return delegate(store, job);
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
  const played = store.settings.faults ?? [];
  const fault = job.artifacts.map((artifact) => faultOf(artifact, played)).find((one) => one !== undefined);
  if (fault !== undefined) return failed(store, job, fault);

  const { delegation } = store.needState().targets;
  const covered = job.artifacts.filter(({ path }) => roleForPath(delegation, path) !== undefined);
  const added = covered.map(({ path }) => path);
  const invalid = job.artifacts.filter((one) => !covered.includes(one)).map(({ path }) => path);
  const details = {
    added_artifacts: added,
    invalid_paths: invalid,
    artifact_roles: [...new Set(added.map((path) => roleForPath(delegation, path) ?? ''))],
  };
  const changes = covered.map(({ path, info }): UnpublishedChange => [path, info]);
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
  const changes = deleted.map((path): UnpublishedChange => [path, null]);
  return change(store, job, changes, { message: 'Artifact(s) removed', error: null, details });
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
