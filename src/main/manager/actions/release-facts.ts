import { omitUndefined } from '../../../shared/omit-undefined.ts';
import type { Installer } from '../../ports.ts';
import type { ReleaseFacts } from '../../release/index.ts';
import type { Context } from '../context.ts';
import type { Conditions } from '../policy/automatic-policy.ts';

/** The facts about this installation that select a release. A manual check also offers a skipped release. */
export async function releaseFacts(
  context: Context,
  install: Installer,
  request: { readonly manual: boolean; readonly allowDowngrade: boolean },
): Promise<ReleaseFacts> {
  const { host, clock, preferences, versionFloor, store } = context;
  const { installId, skipped } = await preferences.get();
  const { version, nativeArch, arch, systemVersion } = host.facts;
  return {
    installed: version,
    kinds: install.kind === undefined ? [] : [install.kind],
    nativeArch,
    arch,
    systemVersion,
    now: clock.now(),
    installId,
    quarantined: await install.quarantined(),
    allowDowngrade: request.allowDowngrade,
    ...omitUndefined({ versionFloor, allowed: store.internal.policy.versions }),
    ...(skipped === undefined || request.manual ? {} : { skipped: [skipped] }),
  };
}

/** True if the user agreed to an older version on the current channel, or if the app allows one step down. */
export async function downgradeAllowed(context: Context): Promise<boolean> {
  const { preferences, store } = context;
  if ((await preferences.get()).downgradeTo === store.internal.channel) return true;
  return appAllowsDowngrade(context) && !(await wasDowngraded(context));
}

/** Asks the app. If its function throws, that is not consent. */
function appAllowsDowngrade({ settings, logger }: Context): boolean {
  try {
    return settings.allowDowngrade();
  } catch (error) {
    logger.error('allowDowngrade failed.', error);
    return false;
  }
}

/** True after a downgrade. Without this check, replayed indexes could lead an app down step by step. */
async function wasDowngraded({ history, host }: Context): Promise<boolean> {
  const { default: semver } = await import('semver');
  const [last] = await history.list();
  return last?.result === 'installed' && last.to === host.facts.version && semver.lt(last.to, last.from);
}

/** The current conditions for automatic actions. */
export async function conditions(context: Context): Promise<Conditions> {
  const { host, clock, preferences, store } = context;
  return {
    now: clock.now(),
    onBattery: host.isOnBattery(),
    metered: isMetered(context),
    cancelled: store.internal.cancelled,
    remindLater: (await preferences.get()).remindLater,
    allowedHours: store.internal.policy.hours,
  };
}

/** Asks the app. If its function throws, the network counts as not metered, so that updates continue. */
function isMetered({ settings, logger }: Context): boolean {
  try {
    return settings.isMetered();
  } catch (error) {
    logger.error('isMetered failed.', error);
    return false;
  }
}
