import semver from 'semver';

import { UpdateError } from '../shared/errors.ts';
import type { Release } from '../shared/release-index.ts';

/**
 * Checks whether the helper may install this release over the installed version. Only the signed release decides, never the
 * caller. The same version may be installed again, which repairs an interrupted install. Pure.
 * @throws UpdateError `INSTALL_DOWNGRADE`, `INSTALL_VERIFY`
 */
export function assertStep(release: Release, installed: string, floor: string | undefined): void {
  const { version, requires, replaces } = release;
  if (release.withdrawn) throw refused(`${version} was withdrawn by its publisher`);
  if (floor !== undefined && semver.lt(version, floor)) throw refused(`${version} is below ${floor}`);
  if (semver.lt(version, installed)) {
    if (replaces !== undefined && inRange(installed, replaces)) return;
    throw new UpdateError(
      'INSTALL_DOWNGRADE',
      `Nothing was installed: ${version} is older than the installed ${installed}, and its publisher did not sign that it replaces that version. To downgrade anyway, install the older package by hand.`,
    );
  }
  if (semver.eq(version, installed) || requires === undefined || inRange(installed, requires)) return;
  throw refused(`${version} cannot be installed over ${installed}: it needs ${requires}`);
}

/** The relation of the new version to the installed one, which the package manager must know. */
export type PackageAction = 'upgrade' | 'reinstall' | 'downgrade';

/** Compares a release with the installed version. Pure. */
export function packageActionFor(release: Release, installed: string): PackageAction {
  if (semver.lt(release.version, installed)) return 'downgrade';
  return semver.eq(release.version, installed) ? 'reinstall' : 'upgrade';
}

/** Matches ranges like the release module does: pre-releases count by their precedence. */
function inRange(version: string, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true });
}

function refused(why: string): UpdateError {
  return new UpdateError('INSTALL_VERIFY', `Nothing was installed: ${why}. Check for updates again.`);
}
