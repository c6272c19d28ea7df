import { UpdateError } from '../../../shared/errors.ts';
import type { InstallAt, UpdateOutcome } from '../../../shared/state.ts';
import { assertChannel } from '../../../shared/target-path.ts';
import type { FirstStartLimits } from '../../ports.ts';
import { parseHours } from './time-windows.ts';
import type { AutomaticPolicy } from './automatic-policy.ts';

/** What happens without anybody asking. */
export interface AutomaticOptions {
  /** Milliseconds between checks, give or take a tenth; at least a minute. @defaultValue 4 hours */
  readonly everyMs?: number;
  /** Download what is found: all, critical releases only, or none. @defaultValue all */
  readonly download?: 'all' | 'critical' | 'none';
  /** Restart by itself once a critical release is staged. Windows may veto. @defaultValue false */
  readonly restartForCritical?: boolean;
  /** Local time, e.g. `['22:00-07:00']`: nothing happens by itself then, but critical releases. @defaultValue none */
  readonly quietHours?: readonly string[];
  /** Download on battery too. @defaultValue true */
  readonly onBattery?: boolean;
  /** Download over connections that cost by volume too. See {@link UpdaterSettings.isMetered}. @defaultValue false */
  readonly onMetered?: boolean;
}

/** An install of an older version. */
export interface StepBack {
  readonly from: string;
  readonly to: string;
  /** As the index says; absent when it does not, or does not list that version. */
  readonly fromDataVersion?: number;
  readonly toDataVersion?: number;
}

/** How an app wants to be updated. Every field has a default; see docs/options.md. */
export interface UpdaterSettings {
  /**
   * Check, download and stage by itself: `true` with the defaults, or in detail.
   * @defaultValue false: nothing touches the network before the app asks
   */
  readonly automatic?: boolean | AutomaticOptions;
  /**
   * When a staged update is installed if nobody says otherwise. `now` means: when `install()` is called. Packages of the
   * system (deb, rpm, pacman) need a password and always wait for that. A function is asked once a version is staged, and
   * again when the app quits. @defaultValue quit
   */
  readonly installAt?: InstallAt | ((version: string) => InstallAt);
  /**
   * The channel that the app wants while the user has chosen none with `setChannel`; a function is asked at each check.
   * @defaultValue the build's, of `update.json`
   */
  readonly channel?: string | (() => string | undefined);
  /**
   * May an older version be installed if that is what the channel has, without the user having agreed? One step: not
   * after a downgrade, until a newer version was installed. A function is asked at each check, and before the install.
   * @defaultValue false
   */
  readonly allowDowngrade?: boolean | (() => boolean);
  /** Transfer only what has changed where the publisher made that possible. @defaultValue true */
  readonly deltas?: boolean | (() => boolean);
  /** Channels that the user may choose. @defaultValue every channel */
  readonly channels?: readonly string[];
  /**
   * Bytes per second that downloads may take, or a function that is asked all the time; `undefined` or 0 is no limit.
   * @defaultValue no limit
   */
  readonly maxBytesPerSecond?: number | (() => number | undefined);
  /** Is the network one that costs by volume? Electron cannot tell; an app may know. @defaultValue never */
  readonly isMetered?: () => boolean;
  /**
   * May this older version work on the data of the installed one? Returns why not, for a person, or `undefined`.
   * Asked when it is found, and again before it is installed.
   * @defaultValue not when the older one's `dataVersion` is known to be lower, unless its publisher says it `replaces`
   * the installed version
   */
  readonly mayGoBack?: (step: StepBack) => string | undefined | Promise<string | undefined>;
  /**
   * How a new version's first start is judged where a rollback is possible; what is not given keeps its default. The
   * version that installs decides, but for `failures`, which the new one counts by too when nobody watches.
   * @defaultValue two abnormal ends; 60 s to load, 30 s without an answer, watched for 120 s
   */
  readonly firstStart?: Partial<FirstStartLimits>;
  /** Told of what became of updates: offered, downloaded, installed, rolled back, failed. Nothing is sent by itself. */
  readonly onOutcome?: (outcome: UpdateOutcome) => void;
}

/** The settings with their defaults. */
export interface ResolvedSettings {
  /** Milliseconds; `undefined` when only the app checks. */
  readonly everyMs: number | undefined;
  readonly policy: AutomaticPolicy;
  readonly installAt: (version: string) => InstallAt;
  /** @throws UpdateError `OPTIONS_INVALID` when it is not the name of a channel */
  readonly channel: () => string | undefined;
  readonly allowDowngrade: () => boolean;
  readonly deltas: () => boolean;
  readonly channels: readonly string[];
  readonly isMetered: () => boolean;
  readonly mayGoBack: UpdaterSettings['mayGoBack'];
  readonly onOutcome: UpdaterSettings['onOutcome'];
}

const defaultEveryMs = 4 * 60 * 60_000;
const leastEveryMs = 60_000;
const longestEveryMs = 30 * 24 * 60 * 60_000;

/** Fills in the defaults. @throws UpdateError `OPTIONS_INVALID` with a sentence about the option at fault */
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

/** What a function of the app answers; nothing happens by itself for a word that is none of them. */
function installTime(answer: InstallAt): InstallAt {
  return installTimes.includes(answer) ? answer : 'now';
}

function named(channel: string | undefined): string | undefined {
  return channel === undefined ? undefined : assertChannel(channel);
}

/** An answer, or a function that gives it, as a function. Only `true` is yes. @throws UpdateError `OPTIONS_INVALID` */
function question(name: string, value: unknown): () => boolean {
  if (typeof value === 'function') return () => value() === true;
  if (typeof value === 'boolean') return () => value;
  throw invalid(name, value, 'true, false or a function');
}

/** The bandwidth cap as a question. @throws UpdateError `OPTIONS_INVALID` */
export function capOf(cap: UpdaterSettings['maxBytesPerSecond']): () => number | undefined {
  if (typeof cap === 'function') return cap;
  if (cap === undefined || (Number.isFinite(cap) && cap >= 0)) return () => cap;
  throw invalid('maxBytesPerSecond', cap, 'a number of bytes, or a function that gives one');
}

/** The least and the most of each; what hangs is told from what is busy by a heartbeat each second. */
const firstStartRanges: Readonly<Record<keyof FirstStartLimits, readonly [number, number]>> = {
  failures: [1, 10],
  loadMs: [1000, 600_000],
  hangMs: [5000, 600_000],
  watchMs: [1000, 3_600_000],
};

/** What is given of the limits. @throws UpdateError `OPTIONS_INVALID` */
export function firstStartOf(given: unknown = {}): Partial<FirstStartLimits> {
  if (typeof given !== 'object' || given === null) throw invalid('firstStart', given, 'an object');
  const limits = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of limits) {
    if (!Object.hasOwn(firstStartRanges, name)) {
      throw invalid(`firstStart.${name}`, value, `nothing: there are ${Object.keys(firstStartRanges).join(', ')}`);
    }
    const [least, most] = firstStartRanges[name as keyof FirstStartLimits];
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) continue;
    throw invalid(`firstStart.${name}`, value, `a whole number from ${least} to ${most}`);
  }
  return Object.fromEntries(limits);
}

function automaticOf(automatic: unknown): AutomaticOptions {
  if (automatic === undefined || typeof automatic === 'boolean') return {};
  if (typeof automatic === 'object' && automatic !== null) return automatic;
  throw invalid('automatic', automatic, 'true, false or an object');
}

function everyOf({ everyMs = defaultEveryMs }: AutomaticOptions): number {
  if (typeof everyMs === 'number' && everyMs >= leastEveryMs && everyMs <= longestEveryMs) return everyMs;
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
