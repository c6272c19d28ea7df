import semver from 'semver';

import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { heldBackOf } from './held-back.ts';
import { type Selection, selectRelease } from './select.ts';

/** What is chosen, and from which of the indexes. */
export interface IndexChoice {
  readonly index: ReleaseIndex;
  readonly selection: Selection;
}

/**
 * Chooses over the indexes of all architectures that fit this installation: the newest release that any of them leads to, and
 * of several that lead there the first. That an index exists does not make it current: a publisher may go on with
 * universal builds, or stop those of one architecture. What one of them withdraws is withdrawn in all. Pure.
 * @param indexes at least one, the preferred architecture first
 * @throws UpdateError `OPTIONS_INVALID` as {@link selectRelease} does
 */
export function selectFromIndexes(
  indexes: readonly [ReleaseIndex, ...ReleaseIndex[]],
  facts: ReleaseFacts,
): IndexChoice {
  const withdrawn = new Set(
    indexes.flatMap(({ releases }) => releases.filter((release) => release.withdrawn).map(({ version }) => version)),
  );
  const known = indexes.map((index) => ({ index, agreed: withdrawing(index, withdrawn) }));
  // Whoever runs one of the channel's releases is where a switch of channels leads, whichever index lists it.
  const isThere = known.some(({ agreed }) => lists(agreed, facts.installed));
  const wanted = isThere ? { ...facts, allowDowngrade: false } : facts;
  const choices = known.map(({ index, agreed }) => ({ index, selection: selectRelease(agreed, wanted) }));
  return choices.reduce((one, other) => (isBetter(other, one, facts) ? other : one));
}

function lists({ releases }: ReleaseIndex, installed: string): boolean {
  return (
    semver.valid(installed) !== null &&
    releases.some(({ version, withdrawn }) => !withdrawn && semver.eq(version, installed))
  );
}

function withdrawing(index: ReleaseIndex, versions: ReadonlySet<string>): ReleaseIndex {
  const releases = index.releases.map((release) =>
    versions.has(release.version) && !release.withdrawn ? { ...release, withdrawn: true } : release,
  );
  return { ...index, releases };
}

function isBetter({ selection: one }: IndexChoice, { selection: other }: IndexChoice, facts: ReleaseFacts): boolean {
  if (one.type !== other.type) return one.type === 'offer';
  const [mine, others] = [aimOf(one, facts), aimOf(other, facts)];
  return mine !== undefined && (others === undefined || semver.gt(mine, others));
}

/** The version that a choice leads to, or that it keeps from this installation. */
function aimOf(selection: Selection, { installed }: ReleaseFacts): string | undefined {
  return selection.type === 'offer' ? selection.towards : heldBackOf(selection, installed)?.version;
}
