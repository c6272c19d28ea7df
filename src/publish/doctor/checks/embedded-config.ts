import { displayUrl, leadsToThisMachine, parseSecureUrl } from '../../../main/http/secure-url.ts';
import { textOf } from '../../../shared/errors.ts';
import type { UpdateConfig } from '../../../shared/update-config.ts';
import type { RootFacts } from '../../init/inspect-root.ts';
import { trustedRootFile } from '../../../shared/sigstore-keys.ts';
import { dayMs } from '../../../shared/durations.ts';
import { type Finding, findingsAbout, formatExpiry } from './finding.ts';

/** The update files that the app embeds, or why they cannot be read. */
export type UpdateFilesFacts =
  | { readonly type: 'read'; readonly config: UpdateConfig; readonly root: RootFacts; readonly hasTrustedRoot: boolean }
  | { readonly type: 'failed'; readonly message: string };

/** Days. A new build should not embed a root that expires soon, because installed apps may be offline for a while. */
const rootWarningDays = 30;

export function checkUpdateFiles(facts: UpdateFilesFacts, now: number): readonly Finding[] {
  const about = findingsAbout('Update files');
  if (facts.type === 'failed') {
    return [about.fail(facts.message, 'Run "electron-tuf init", and commit what it writes.')];
  }
  const { config, root, hasTrustedRoot } = facts;
  return [
    about.ok(`${config.app}, channel ${config.channel}`),
    ...checkRoot(root, now),
    ...checkSigstore(root, hasTrustedRoot),
    ...checkAddresses(config),
  ];
}

function checkRoot(root: RootFacts, now: number): readonly Finding[] {
  const about = findingsAbout('root.json');
  const left = Date.parse(root.expires) - now;
  const what = `version ${root.version}, expires ${formatExpiry(root.expires, now)}`;
  const again = 'Run "electron-tuf init" again, and commit the newer root.json.';
  const keys = root.roles.find(({ name }) => name === 'root');
  return [
    left <= 0
      ? about.fail(`It expired ${formatExpiry(root.expires, now)}: no app can be packaged with it.`, again)
      : left < rootWarningDays * dayMs
        ? about.warn(what, again)
        : about.ok(what),
    ...(keys === undefined ? [] : [checkRootKeys(keys)]),
  ];
}

function checkRootKeys({ threshold, keys }: RootFacts['roles'][number]): Finding {
  const about = findingsAbout('Root keys');
  const what = `${threshold} of ${keys.length} must sign a new root`;
  if (keys.length === 1) {
    return about.warn(`${what}: a lost or stolen key cannot be replaced.`, 'Have the repository add root keys.');
  }
  if (threshold === 1) {
    return about.warn(`${what}: one stolen key is enough to take the repository over.`, 'Have the threshold raised.');
  }
  if (threshold === keys.length) {
    return about.warn(`${what}: none of them may be lost.`, 'Have the repository add a spare root key.');
  }
  return about.ok(what);
}

/** Without a trusted root, not even `root.json` can be verified if its threshold needs an identity. */
function checkSigstore({ sigstoreRoles }: RootFacts, hasTrustedRoot: boolean): readonly Finding[] {
  if (sigstoreRoles.length === 0) return [];
  const about = findingsAbout('Sigstore');
  const what = `identities may sign ${sigstoreRoles.join(', ')}`;
  if (hasTrustedRoot) return [about.ok(`${what}, ${trustedRootFile} says who vouches for them`)];
  return [
    about.warn(
      `${what}, but without ${trustedRootFile} they do not count in apps: the other keys alone must reach each threshold.`,
      'Run "electron-tuf init" with --sigstore, and release the app again.',
    ),
  ];
}

/** Returns the reason for each address that apps would refuse. */
export function refusedAddresses({ metadataUrl, targetsUrls }: UpdateConfig): readonly string[] {
  return [metadataUrl, ...targetsUrls].flatMap((address) => {
    try {
      parseSecureUrl(address);
      return [];
    } catch (error) {
      return [textOf(error)];
    }
  });
}

function checkAddresses(config: UpdateConfig): readonly Finding[] {
  const about = findingsAbout('Addresses');
  const again = 'Run "electron-tuf init" with public https:// addresses.';
  const refused = refusedAddresses(config);
  if (refused.length > 0) return refused.map((message) => about.fail(message, again));
  const all = [config.metadataUrl, ...config.targetsUrls];
  const local = all.filter((address) => leadsToThisMachine(new URL(address)));
  if (local.length === 0) return [about.ok(all.map(displayUrl).join(', '))];
  return [
    about.warn(
      `${[...new Set(local.map(displayUrl))].join(', ')}: only this machine can reach that.`,
      `Fine for development. Before you ship: ${again}`,
    ),
  ];
}
