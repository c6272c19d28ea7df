import type { RepositoryStore } from '../store/contract.ts';
import { roleForPath } from '../tuf/delegation.ts';
import { placeTargets, signChanges } from '../tuf/sign-changes.ts';
import { type Poison, poisonOf } from './admit.ts';
import { failed, type ResultDetails, outcome } from './outcome.ts';
import type { Job, Outcome, UnpublishedChange } from './task.ts';

/** Publishes changes, or keeps them for a later publication. In the latter case the task stays `RUNNING` until then. */
export async function change(
  store: RepositoryStore,
  job: Extract<Job, { publish: boolean }>,
  changes: readonly UnpublishedChange[],
  finding: ResultDetails,
): Promise<Outcome> {
  if (changes.length === 0) return outcome(store, job, 'SUCCESS', finding);
  const unpublished = [...store.journal.unpublished, ...changes];
  if (!job.publish) {
    await store.updateJournal((journal) => ({ ...journal, unpublished }));
    return outcome(store, job, 'RUNNING', finding);
  }
  const paths = changes.map(([path]) => path);
  const poison = poisonFor(store, unpublished, paths);
  if (poison !== undefined) {
    await store.updateJournal((journal) => ({ ...journal, unpublished }));
    return failed(store, job, `Failed to execute publish_artifacts-${job.id}: ${poison.raises}`);
  }
  const { left } = await publish(store, unpublished);
  return { ...outcome(store, job, 'SUCCESS', finding, true), left };
}

export async function publishUnpublished(
  store: RepositoryStore,
  job: Extract<Job, { task: 'publish_artifacts' }>,
): Promise<Outcome> {
  const poison = poisonFor(store, store.journal.unpublished, []);
  if (poison !== undefined) return failed(store, job, poison.raises);
  const { roles, left } = await publish(store, store.journal.unpublished);
  const details = { artifact_roles: roles.length === 0 ? null : roles };
  const finding = { message: 'Publish Artifacts Processed', error: null, details };
  return { ...outcome(store, job, 'SUCCESS', finding, true), left };
}

/** The unpublished changes that prevent RSTUF from publishing to the roles of `paths`. */
function poisonFor(
  store: RepositoryStore,
  unpublished: readonly UnpublishedChange[],
  paths: readonly string[],
): Poison | undefined {
  const { delegation } = store.needState().targets;
  const roles = new Set(paths.map((path) => roleForPath(delegation, path)));
  for (const [path, info] of new Map(unpublished)) {
    const poison = info === null ? undefined : poisonOf(info);
    if (poison?.spoils === 'every role' || (poison !== undefined && roles.has(roleForPath(delegation, path)))) {
      return poison;
    }
  }
  return undefined;
}

/** The names of the roles that got a new version, and the changes that cannot be signed because of a fraction. */
async function publish(
  store: RepositoryStore,
  changes: readonly UnpublishedChange[],
): Promise<{ readonly roles: readonly string[]; readonly left: readonly UnpublishedChange[] }> {
  const state = store.needState();
  const { delegation } = state.targets;
  const latest = [...new Map(changes)];
  const spoilt = new Set(
    latest
      .filter(([, info]) => info !== null && poisonOf(info) !== undefined)
      .map(([path]) => roleForPath(delegation, path)),
  );
  const left = latest.filter(([path]) => spoilt.has(roleForPath(delegation, path)));
  const sound = latest.filter((one) => !left.includes(one));
  const { delegated } = placeTargets(state, new Map(sound.map(([path, info]) => [path, info ?? undefined])));
  if (delegated.size > 0) await store.commit(signChanges(state, { delegated }, store.signer()));
  return { roles: [...delegated.keys()], left };
}
