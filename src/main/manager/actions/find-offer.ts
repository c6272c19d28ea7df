import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { Arch, PlatformTarget } from '../../../shared/platform-target.ts';
import type { ReleaseIndex } from '../../../shared/release-index.ts';
import type { ReleaseSummary } from '../../../shared/state.ts';
import type { ReleaseQuery, StagedUpdate, TrustOptions, ReleaseVerifier } from '../../ports.ts';
import type { Offer, Reconsidered, ReleaseFacts } from '../../release/index.ts';
import type { Search } from '../offer.ts';
import type { StepBack, UpdaterSettings } from '../policy/settings.ts';

export interface SearchOptions extends TrustOptions {
  readonly app: string;
  readonly channel: string;
  readonly platform: NodeJS.Platform;
  readonly facts: ReleaseFacts;
  readonly mayGoBack: UpdaterSettings['mayGoBack'];
}

/** Finds the release that this installation should install next from a channel, and asks the app whether it agrees. */
export async function findOffer(trust: ReleaseVerifier, options: SearchOptions): Promise<Search> {
  // Loaded at the first search, so that an app does not load the version rules at its start.
  const { archOrder, heldBackOf, listedReleases, selectFromIndexes } = await import('../../release/index.ts');
  const { index, selection } = selectFromIndexes(
    await findIndexes(trust, archOrder(options.facts), options),
    options.facts,
  );
  const query = queryOf(index);
  const heldBack = heldBackOf(selection, options.facts.installed);
  const listed = listedReleases(index, options.facts);
  const search = { query, index, selection, listed, ...(heldBack && { heldBack }) };
  if (selection.type === 'none') return search;
  const blocked = await downgradeRefusal(selection, index, options);
  if (blocked !== undefined) return { ...search, blocked };
  const trusted = await trust.artifact(query, selection.release, selection.artifact, {
    ...trustOptions(options),
    installed: options.facts.installed,
  });
  const { length } = trusted.target;
  const plan = { downloadSize: length, fullSize: length };
  return { ...search, offer: { trusted, summary: summaryOf(selection, query), plan } };
}

/**
 * Reads the release indexes of all architectures that fit. An index that existed before and is now missing is an error,
 * because the index of another architecture may be older and must not replace it.
 * @throws UpdateError `TRUST_TARGET_UNKNOWN` if there is no index, `TRUST_PUBLISHER_ROLLBACK` if one is missing
 */
async function findIndexes(
  trust: ReleaseVerifier,
  archs: readonly Arch[],
  options: SearchOptions,
): Promise<readonly [ReleaseIndex, ...ReleaseIndex[]]> {
  const { app, channel, facts } = options;
  const platform = options.platform as PlatformTarget['platform'];
  let unknown = new UpdateError(
    'RELEASE_NO_ARTIFACT',
    `There are no releases for the architecture ${facts.nativeArch}.`,
  );
  const found = await Promise.all(
    archs.map(async (arch) => {
      try {
        return await trust.releaseIndex({ app, channel, target: { platform, arch } }, trustOptions(options));
      } catch (error) {
        if (!(error instanceof UpdateError) || error.code !== 'TRUST_TARGET_UNKNOWN') throw error;
        if (arch === archs[0]) unknown = error;
        return undefined;
      }
    }),
  );
  const [first, ...others] = found.filter((index) => index !== undefined);
  if (first === undefined) throw unknown;
  return [first, ...others];
}

function queryOf({ app, channel, platform, arch }: ReleaseIndex): ReleaseQuery {
  return { app, channel, target: { platform, arch } };
}

function trustOptions({ signal, patience, skipWaitSignal }: SearchOptions): TrustOptions {
  return {
    ...omitUndefined({ signal, patience, skipWaitSignal }),
  };
}

/** Why the app refuses to go back to a release, as text for a person; `undefined` if it agrees. */
export async function downgradeRefusal(
  { release, step }: Pick<Offer, 'release' | 'step'>,
  index: ReleaseIndex,
  { facts, mayGoBack }: Pick<SearchOptions, 'facts' | 'mayGoBack'>,
): Promise<string | undefined> {
  if (step === 'upgrade') return undefined;
  const installed = index.releases.find((one) => one.version === facts.installed);
  const from = installed?.dataVersion;
  const to = release.dataVersion;
  const change: StepBack = {
    from: facts.installed,
    to: release.version,
    ...omitUndefined({ fromDataVersion: from, toDataVersion: to }),
  };
  if (mayGoBack !== undefined) return mayGoBack(change);
  if (step === 'rollback' || from === undefined || to === undefined || to >= from) return undefined;
  return `${release.version} cannot read the data of ${facts.installed}.`;
}

/** The public summary of a release. */
export function summaryOf({ release, step, critical }: Reconsidered, { channel }: ReleaseQuery): ReleaseSummary {
  const { version, releasedAt, notes } = release;
  return { version, channel, releasedAt, notes, critical, ...(step === 'upgrade' ? {} : { step }) };
}

/** The summary of a staged release if the index does not tell more. */
export function summaryOfStaged({ version, query, stagedAt }: StagedUpdate): ReleaseSummary {
  return { version, channel: query.channel, releasedAt: stagedAt, notes: {}, critical: false };
}
