import { omitUndefined } from '../../shared/omit-undefined.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { Platform } from '../../shared/platform-target.ts';
import type { Release } from '../../shared/release-index.ts';
import type { BuilderUpdateInfo } from './update-info.ts';

type BuildPolicy = Partial<Pick<Release, 'rollout' | 'minimumSystemVersion'>>;

/** The rollout and the minimum system version that a build names, by platform. */
export type BuildPolicies = Readonly<Partial<Record<Platform, BuildPolicy>>>;

/**
 * Reads `stagingPercentage` and `minimumSystemVersion` from the ymls. Pure.
 * @throws UpdateError `PUBLISH_INPUT` if the ymls of a platform differ
 */
export function policiesOf(infos: readonly BuilderUpdateInfo[]): BuildPolicies {
  const policies: Partial<Record<Platform, BuildPolicy>> = {};
  for (const { platform } of infos) {
    const same = infos.filter((info) => info.platform === platform);
    const rollout = oneValue('stagingPercentage', same, (info) => info.rollout);
    const minimumSystemVersion = oneValue('minimumSystemVersion', same, (info) => info.minimumSystemVersion);
    const policy = omitUndefined({
      minimumSystemVersion,
      rollout: rollout === undefined ? undefined : { basisPoints: rollout },
    });
    if (Object.keys(policy).length > 0) policies[platform] = policy;
  }
  return policies;
}

function oneValue<T>(
  field: string,
  infos: readonly BuilderUpdateInfo[],
  valueOf: (info: BuilderUpdateInfo) => T,
): T | undefined {
  const [first, ...others] = infos;
  if (first === undefined) return undefined;
  const other = others.find((info) => valueOf(info) !== valueOf(first));
  if (other === undefined) return valueOf(first);
  throw new UpdateError(
    'PUBLISH_INPUT',
    `${first.source} and ${other.source} differ in ${field}. Make them equal, and publish again.`,
  );
}
