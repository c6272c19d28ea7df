import semver from 'semver';

import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';

/**
 * Sentences for a person about apps that a release does not reach, although its publisher may expect it. Pure.
 * @param usual the channel of `update.json`, which new installations follow
 */
export function describeReach(index: ReleaseIndex, version: string, usual: string): readonly string[] {
  const release = index.releases.find((one) => one.version === version);
  if (release === undefined) return [];
  const where = `${index.channel} ${formatPlatformTarget(index)}`;
  const others = index.releases.filter((one) => one !== release);
  const newer = others.find((one) => !one.withdrawn && semver.gt(one.version, version));
  const { replaces } = release;
  const texts: string[] = [];
  if (newer !== undefined && replaces === undefined) {
    texts.push(
      `${version} is older than ${newer.version}, which ${where} offers: installed apps that can get ${newer.version} are not offered ${version}. To take a newer version back, publish with --replaces.`,
    );
  }
  if (replaces !== undefined && !others.some((one) => semver.satisfies(one.version, replaces))) {
    texts.push(`--replaces "${replaces}" names no version that ${where} lists: check it.`);
  }
  if (others.length === 0 && index.channel !== usual) {
    texts.push(
      `${version} is the only release of ${where}: only apps that were switched to this channel are offered it.`,
    );
  }
  return texts;
}
