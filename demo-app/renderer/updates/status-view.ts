import type { UpdateErrorData } from '../../../src/shared/errors.ts';
import type { Progress, ReleaseSummary, UpdateState } from '../../../src/shared/state.ts';
import { formatBytes, formatPercent, formatWhen } from '../format.ts';

/** What a person can ask for; the first of a view is the one suggested. */
export type UpdateAction = 'check' | 'download' | 'pause' | 'resume' | 'cancel' | 'restart' | 'later' | 'skip';

/** How a state looks. Nothing in here is an alarm: whatever happened, the installed app keeps working. */
export interface StatusView {
  readonly tone: 'plain' | 'good' | 'busy' | 'ready' | 'warning';
  readonly mark: 'done' | 'arrow' | 'again' | 'alert';
  readonly headline: string;
  readonly detail: string;
  /** A few words for the side bar. */
  readonly short: string;
  readonly actions: readonly UpdateAction[];
  readonly release?: ReleaseSummary;
  readonly progress?: Progress;
  /** The code of an error, for a bug report. */
  readonly code?: string;
}

/** Decides how a state looks. Pure: `now` is the time at which it is looked at. */
export function statusView(state: UpdateState, now: Date): StatusView {
  switch (state.type) {
    case 'disabled':
      return plain('Updates are off', state.message, 'Updates are off', []);
    case 'idle':
      return state.lastError === undefined ? upToDate(state.lastCheck, now) : failed(state.lastError);
    case 'checking':
      return {
        tone: 'busy',
        mark: 'again',
        headline: 'Checking for updates…',
        detail: 'This takes a moment.',
        short: 'Checking…',
        actions: [],
      };
    case 'available':
      return {
        ...arrow(state.release, `${state.release.version} available`),
        headline: `Notes ${state.release.version} is available`,
        detail: downloadSize(state.downloadSize, state.fullSize),
        ...(state.lastError && failed(state.lastError)),
        actions: state.release.critical ? ['download'] : ['download', 'later', 'skip'],
        release: state.release,
      };
    case 'downloading':
      return {
        ...arrow(state.release, `Downloading ${formatPercent(fractionOf(state.progress))}`),
        tone: 'busy',
        headline: `Downloading Notes ${state.release.version}`,
        detail: phases[state.progress.phase],
        progress: state.progress,
        actions: ['pause', 'cancel'],
      };
    case 'paused':
      return {
        ...arrow(state.release, 'Download paused'),
        tone: 'plain',
        headline: 'Download paused',
        detail: pauses[state.reason],
        progress: state.progress,
        actions: ['resume', 'cancel'],
      };
    case 'verifying':
      return {
        ...arrow(state.release, 'Verifying…'),
        tone: 'busy',
        mark: 'again',
        headline: `Verifying Notes ${state.release.version}`,
        detail: 'Comparing every byte with what was signed.',
        actions: [],
      };
    case 'staged':
      return {
        tone: 'ready',
        mark: 'arrow',
        headline: `Notes ${state.release.version} is ready`,
        detail: state.lastError?.message ?? installTimes[state.installAt],
        short: 'Restart to update',
        release: state.release,
        actions: ['restart'],
        ...(state.lastError && { code: state.lastError.code }),
      };
    case 'installing':
      return {
        ...arrow(state.release, 'Installing…'),
        tone: 'busy',
        mark: 'again',
        headline: `Installing Notes ${state.release.version}`,
        detail: 'Notes starts again in a moment.',
        actions: [],
      };
    case 'stale':
      return warning(
        'No news for a while',
        `Notes could not learn about updates since ${formatWhen(new Date(state.since), now)}. ${state.lastError === undefined ? offline : failed(state.lastError).detail}`,
        'No news for a while',
        state.lastError,
      );
    case 'needs-attention':
      return {
        ...warning(state.what, state.how, 'Needs your attention', state.error),
        release: state.release,
        actions: ['restart', 'check'],
      };
    case 'rolled-back':
      return {
        ...warning(
          `Back on Notes ${state.to}`,
          `Notes ${state.from} did not start properly, so the version before was put back. Your notes are untouched. ${state.reason}`,
          'Previous version restored',
        ),
        actions: ['check'],
      };
  }
}

/** How it looks when the main process refused to do what was asked. */
export function refusedView(error: UpdateErrorData): StatusView {
  return warning('That did not work', error.message, 'Something is in the way', error);
}

/** How far a download is, 0 to 1. */
export function fractionOf(progress: Progress): number {
  return progress.total === 0 ? 0 : Math.min(1, progress.received / progress.total);
}

const phases: Readonly<Record<Progress['phase'], string>> = {
  index: 'Working out what has changed.',
  copy: 'Reusing what is already on this computer.',
  download: 'You can keep writing.',
  verify: 'Comparing every byte with what was signed.',
};

const pauses = {
  user: 'What has arrived is kept.',
  offline: 'You are offline. It goes on when the network is back.',
  policy: 'It goes on when conditions are better.',
} as const;

const offline = 'Check the connection, then try again. What you have keeps working.';

const installTimes = {
  now: 'Restart to begin using it.',
  quit: 'It is installed when you quit, or restart now.',
  'next-launch': 'It is installed at the next start, or restart now.',
} as const;

function plain(headline: string, detail: string, short: string, actions: readonly UpdateAction[]): StatusView {
  return { tone: 'plain', mark: 'done', headline, detail, short, actions };
}

function upToDate(lastCheck: string | undefined, now: Date): StatusView {
  if (lastCheck === undefined)
    return plain('Not checked yet', 'See whether there is a newer Notes.', 'Not checked yet', ['check']);
  const detail = `Last checked ${formatWhen(new Date(lastCheck), now)}.`;
  return { ...plain('Notes is up to date', detail, 'Up to date', ['check']), tone: 'good' };
}

function arrow(release: ReleaseSummary, short: string): Pick<StatusView, 'tone' | 'mark' | 'short' | 'release'> {
  return { tone: 'good', mark: 'arrow', short, release };
}

function downloadSize(download: number, full: number): string {
  if (download >= full) return `${formatBytes(full)} to download.`;
  return `${formatBytes(download)} to download instead of ${formatBytes(full)}.`;
}

/** What came in the way of an answer, as opposed to an answer that was refused. */
const troubles: Partial<Record<string, readonly [headline: string, short: string]>> = {
  TRUST_EXPIRED: ['No fresh news from the publisher', 'No fresh news'],
  TRUST_CLOCK: ['The clock seems to be wrong', 'Check the clock'],
  TRUST_SERVER: ['The update server has a problem', 'Can not check'],
  TRUST_TARGET_UNKNOWN: ['No release was found', 'No release'],
};

function failed(error: UpdateErrorData): StatusView {
  if (error.code.endsWith('_OFFLINE')) {
    return warning('The update server can not be reached', offline, 'Can not check', error);
  }
  const [headline, short] = troubles[error.code] ?? [];
  if (headline !== undefined && short !== undefined) return warning(headline, error.message, short, error);
  if (error.phase === 'trust' || error.code === 'DOWNLOAD_MISMATCH' || error.code === 'INSTALL_VERIFY') {
    return warning('An update was refused', `${error.message} Nothing was installed.`, 'Update refused', error);
  }
  return warning('The update did not work out', error.message, 'Update failed', error);
}

function warning(headline: string, detail: string, short: string, error?: UpdateErrorData): StatusView {
  return {
    tone: 'warning',
    mark: 'alert',
    headline,
    detail,
    short,
    actions: ['check'],
    ...(error && { code: error.code }),
  };
}
