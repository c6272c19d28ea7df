import { UpdateError } from '../../../shared/errors.ts';
import type { InstallAt, UpdateOutcome } from '../../../shared/state.ts';
import { assertChannel } from '../../../shared/target-path.ts';
import type { FirstStartLimits } from '../../ports.ts';
import { parseHours } from './time-windows.ts';
import type { AutomaticPolicy } from './automatic-policy.ts';

/** Options for automatic updates. */
export interface AutomaticOptions {
  /** Milliseconds between checks, varied by up to 10 %; 1 minute to 30 days. @defaultValue 14400000, 4 hours */
  readonly everyMs?: number;
  /** Releases to download automatically: all, only critical ones, or none. @defaultValue all */
  readonly download?: 'all' | 'critical' | 'none';
  /** Restart automatically once a critical release is staged. A window can veto that. @defaultValue false */
  readonly restartForCritical?: boolean;
  /**
   * Local times, such as `['22:00-07:00']`, without automatic actions, except for critical releases. @defaultValue none
   */
  readonly quietHours?: readonly string[];
  /** Also download on battery. @defaultValue true */
  readonly onBattery?: boolean;
  /** Also download over metered connections. See {@link UpdaterSettings.isMetered}. @defaultValue false */
  readonly onMetered?: boolean;
}

/** An install of an older version. */
export interface StepBack {
  readonly from: string;
  readonly to: string;
  /** Data version from the release index; absent if the index does not give it. */
  readonly fromDataVersion?: number;
  readonly toDataVersion?: number;
}

/** Settings for how an app is updated. All have defaults; see docs/options.md. */
export interface UpdaterSettings {
  /**
   * Check, download and stage automatically: `true` for the defaults, or an object with details.
   * @defaultValue false: the updater uses the network only when the app calls it
   */
  readonly automatic?: boolean | AutomaticOptions;
  /**
   * When a staged update is installed by default. `now` waits for a call of `install()`. System packages (deb, rpm,
   * pacman) need a password and always wait for it. A function is called once a version is staged, and again when the
   * app quits.
   * @defaultValue quit
   */
  readonly installAt?: InstallAt | ((version: string) => InstallAt);
  /**
   * The channel to use until the user chooses one with `setChannel`. A function is called at each check.
   * @defaultValue the channel in `update.json`
   */
  readonly channel?: string | (() => string | undefined);
  /**
   * Whether an older version of the channel is installed without the user's consent. Allows one step: after a
   * downgrade, a newer version must be installed first. A function is called at each check and before the install.
   * @defaultValue false
   */
  readonly allowDowngrade?: boolean | (() => boolean);
  /** Transfer only the changes, if the publisher provides patches or chunks. @defaultValue true */
  readonly deltas?: boolean | (() => boolean);
  /** Channels that the user may choose. @defaultValue all channels */
  readonly channels?: readonly string[];
  /**
   * Limit of the download rate in bytes per second. A function is called continuously. `undefined` or 0 means no limit.
   * @defaultValue no limit
   */
  readonly maxBytesPerSecond?: number | (() => number | undefined);
  /** Returns whether the network is metered. Electron cannot tell, but an app may know. @defaultValue never */
  readonly isMetered?: () => boolean;
  /**
   * Returns why an older version must not work on the data of the installed one, as text for a person, or `undefined`
   * if it may. Called when the version is found, and again before the install.
   * @defaultValue refuses if the older version's `dataVersion` is lower, unless its publisher says that it `replaces`
   * the installed version
   */
  readonly mayGoBack?: (step: StepBack) => string | undefined | Promise<string | undefined>;
  /**
   * Limits for the first start of a new version, if a rollback is possible. The installing version's limits apply; the
   * new version uses its own `failures` if no watchdog is running.
   * @defaultValue 2 abnormal exits; 30 s to load, 30 s unresponsive, watched for 120 s
   */
  readonly firstStart?: Partial<FirstStartLimits>;
  /**
   * Called with the outcome of updates: offered, downloaded, installed, rolled back, failed. The updater sends it
   * nowhere.
   */
  readonly onOutcome?: (outcome: UpdateOutcome) => void;
}

/** The settings with their defaults. */
export interface ResolvedSettings {
  /** Milliseconds between checks; `undefined` if automatic checks are off. */
  readonly everyMs: number | undefined;
  readonly policy: AutomaticPolicy;
  readonly installAt: (version: string) => InstallAt;
  /** @throws UpdateError `OPTIONS_INVALID` if it is not a channel name */
  readonly channel: () => string | undefined;
  readonly allowDowngrade: () => boolean;
  readonly deltas: () => boolean;
  readonly channels: readonly string[];
  readonly isMetered: () => boolean;
  readonly mayGoBack: UpdaterSettings['mayGoBack'];
  readonly onOutcome: UpdaterSettings['onOutcome'];
}

const defaultEveryMs = 4 * 60 * 60_000;
const minEveryMs = 60_000;
const maxEveryMs = 30 * 24 * 60 * 60_000;

/** Checks the settings and applies the defaults. @throws UpdateError `OPTIONS_INVALID`, whose message names the option */
export function resolveSettings(settings: UpdaterSettings): ResolvedSettings {
  const automatic = automaticOf(settings.automatic);
  const { channels = [], isMetered = () => false, mayGoBack, onOutcome } = settings;
  const { installAt = 'quit', channel, allowDowngrade = false, deltas = true } = settings;
  if (typeof installAt !== 'function') oneOf('installAt', installAt, installTimes);
  if (typeof channel !== 'function' && channel !== undefined) assertChannel(channel);
  if (!Array.isArray(channels)) throw invalid('channels', channels, 'a list of channel names');
  for (const channel of channels) assertChannel(channel as string);
  capOf(settings.maxBytesPerSecond);
  firstStartOf(settings.firstStart);
  isFunction('isMetered', isMetered);
  isFunction('mayGoBack', mayGoBack);
  isFunction('onOutcome', onOutcome);
  return {
    everyMs: settings.automatic === undefined || settings.automatic === false ? undefined : everyOf(automatic),
    policy: policyOf(automatic, settings.automatic !== undefined && settings.automatic !== false),
    installAt: typeof installAt === 'function' ? (version) => installTime(installAt(version)) : () => installAt,
    channel: typeof channel === 'function' ? () => named(channel()) : () => channel,
    allowDowngrade: question('allowDowngrade', allowDowngrade),
    deltas: question('deltas', deltas),
    channels: channels as readonly string[],
    isMetered,
    mayGoBack,
    onOutcome,
  };
}

const installTimes: readonly InstallAt[] = ['now', 'quit', 'next-launch'];

/** The answer of the app's function. An invalid answer counts as `now`, so that nothing is installed automatically. */
function installTime(answer: InstallAt): InstallAt {
  return installTimes.includes(answer) ? answer : 'now';
}

function named(channel: string | undefined): string | undefined {
  return channel === undefined ? undefined : assertChannel(channel);
}

/** Turns a boolean option into a function. Only `true` counts as true. @throws UpdateError `OPTIONS_INVALID` */
function question(name: string, value: unknown): () => boolean {
  if (typeof value === 'function') return () => value() === true;
  if (typeof value === 'boolean') return () => value;
  throw invalid(name, value, 'true, false or a function');
}

/** Turns the bandwidth limit into a function. @throws UpdateError `OPTIONS_INVALID` */
export function capOf(cap: UpdaterSettings['maxBytesPerSecond']): () => number | undefined {
  if (typeof cap === 'function') return cap;
  if (cap === undefined || (Number.isFinite(cap) && cap >= 0)) return () => cap;
  throw invalid('maxBytesPerSecond', cap, 'a number of bytes, or a function that gives one');
}

/** Minimum and maximum of each limit. `hangMs` must be several heartbeats long, which come each second. */
const firstStartRanges: Readonly<Record<keyof FirstStartLimits, readonly [number, number]>> = {
  failures: [1, 10],
  loadMs: [1000, 600_000],
  hangMs: [5000, 600_000],
  watchMs: [1000, 3_600_000],
};

/** Checks the given limits. @throws UpdateError `OPTIONS_INVALID` */
export function firstStartOf(given: unknown = {}): Partial<FirstStartLimits> {
  if (typeof given !== 'object' || given === null) throw invalid('firstStart', given, 'an object');
  const limits = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of limits) {
    if (!Object.hasOwn(firstStartRanges, name)) {
      throw invalid(`firstStart.${name}`, value, `nothing: there are ${Object.keys(firstStartRanges).join(', ')}`);
    }
    const [min, max] = firstStartRanges[name as keyof FirstStartLimits];
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) continue;
    throw invalid(`firstStart.${name}`, value, `a whole number from ${min} to ${max}`);
  }
  return Object.fromEntries(limits);
}

function automaticOf(automatic: unknown): AutomaticOptions {
  if (automatic === undefined || typeof automatic === 'boolean') return {};
  if (typeof automatic === 'object' && automatic !== null) return automatic;
  throw invalid('automatic', automatic, 'true, false or an object');
}

function everyOf({ everyMs = defaultEveryMs }: AutomaticOptions): number {
  if (typeof everyMs === 'number' && everyMs >= minEveryMs && everyMs <= maxEveryMs) return everyMs;
  throw invalid('automatic.everyMs', everyMs, 'a number of milliseconds from one minute to 30 days');
}

function policyOf(automatic: AutomaticOptions, isOn: boolean): AutomaticPolicy {
  const {
    download = 'all',
    restartForCritical = false,
    quietHours = [],
    onBattery = true,
    onMetered = false,
  } = automatic;
  oneOf('automatic.download', download, ['all', 'critical', 'none']);
  for (const [name, value] of Object.entries({ restartForCritical, onBattery, onMetered })) {
    if (typeof value !== 'boolean') throw invalid(`automatic.${name}`, value, 'true or false');
  }
  if (!Array.isArray(quietHours)) throw invalid('automatic.quietHours', quietHours, 'a list such as ["22:00-07:00"]');
  return {
    download: isOn ? download : 'none',
    restartForCritical: isOn && restartForCritical,
    quietHours: parseHours(quietHours as readonly string[], 'automatic.quietHours'),
    onBattery,
    onMetered,
  };
}

function oneOf(name: string, value: unknown, words: readonly string[]): void {
  if (!words.includes(value as string)) throw invalid(name, value, `one of ${words.join(', ')}`);
}

function isFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw invalid(name, value, 'a function');
}

function invalid(name: string, value: unknown, wanted: string): UpdateError {
  const shown = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
  return new UpdateError('OPTIONS_INVALID', `The option "${name}" must be ${wanted}; it is ${shown}.`);
}
