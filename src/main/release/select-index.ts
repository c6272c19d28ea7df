import semver from 'semver';

import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { heldBackOf } from './held-back.ts';
import { type Selection, selectRelease } from './select.ts';

/** The selection and the index that it comes from. */
export interface IndexChoice {
  readonly index: ReleaseIndex;
  readonly selection: Selection;
}

/**
 * Chooses among the indexes of all architectures that fit this installation: the index that leads to the newest
 * release, and of several such indexes the first. An existing index may be out of date, because a publisher may
 * continue with universal builds only, or stop those of one architecture. A release that one index withdraws is
 * withdrawn in all. Pure.
 * @param indexes at least one, preferred architecture first
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
  // An installation that runs one of the channel's releases has completed the channel switch, whichever index lists the
  // release.
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

/** The version that a selection leads to, or that it holds back from this installation. */
function aimOf(selection: Selection, { installed }: ReleaseFacts): string | undefined {
  return selection.type === 'offer' ? selection.towards : heldBackOf(selection, installed)?.version;
}
