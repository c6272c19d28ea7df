import type { UpdateErrorData } from '../../../src/shared/errors.ts';
import type { DisabledReason, HeldBack, Progress, ReleaseSummary, UpdateState } from '../../../src/shared/state.ts';
import { formatBytes, formatMoment, formatPercent } from '../format.ts';
import { calmError } from './calm-error.ts';
import { deferralText, heldBackText, pauseTexts } from './waiting.ts';

/** The actions of the user. The first action of a view is the suggested one. */
export type UpdateAction =
  'check' | 'download' | 'pause' | 'resume' | 'cancel' | 'restart' | 'retry' | 'later' | 'skip';

/** The view of a state. No state is an alarm, because the installed app keeps working. */
export interface StatusView {
  readonly tone: 'plain' | 'good' | 'busy' | 'ready' | 'warning';
  readonly mark: 'done' | 'arrow' | 'again' | 'alert' | 'shield' | 'pause';
  readonly headline: string;
  readonly detail: string;
  /** More information: why an update is deferred, or why a newer version is not offered yet. */
  readonly note?: string;
  /** A few words for the side bar. */
  readonly short: string;
  readonly actions: readonly UpdateAction[];
  readonly release?: ReleaseSummary;
  readonly progress?: Progress;
  /** The code of an error, for a bug report. */
  readonly code?: string;
}

/** Further facts for the view of a state. */
export interface Surroundings {
  /** The current time. */
  readonly now: Date;
  readonly heldBack?: HeldBack | undefined;
}

/** The view of a state. Pure. */
export function statusView(state: UpdateState, { now, heldBack }: Surroundings): StatusView {
  switch (state.type) {
    case 'disabled':
      return disabledViews[state.reason] ?? plain('Updates are off', state.message, 'Updates are off', []);
    case 'idle':
      return state.lastError === undefined
        ? { ...upToDate(state.lastCheck, now), ...(heldBack && { note: heldBackText(heldBack) }) }
        : errorView(state.lastError);
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
      return available(state, now);
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
        mark: 'pause',
        headline: 'Download paused',
        detail: pauseTexts[state.reason],
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
      return staged(state, now);
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
      return {
        ...warning('No fresh news', staleDetail(state.since, now), 'No fresh news', state.lastError),
        mark: 'shield',
      };
    case 'needs-attention':
      return {
        ...warning(state.what, state.how, 'Needs your attention', state.error),
        release: state.release,
        actions: ['retry', 'check'],
      };
    case 'rolled-back':
      return warning(
        `Back on Notes ${state.to}`,
        `Notes ${state.from} did not start properly, so the version before was put back. Your notes are untouched. ${state.reason}`,
        'Previous version restored',
      );
  }
}

/** The view of an error, also of a call that the main process refused. Pure. */
export function errorView(error: UpdateErrorData): StatusView {
  const { headline, detail, short, mark } = calmError(error);
  return { ...warning(headline, detail, short, error), mark };
}

/** The progress of a download, 0 to 1. */
export function fractionOf(progress: Progress): number {
  return progress.total === 0 ? 0 : Math.min(1, progress.received / progress.total);
}

const phases: Readonly<Record<Progress['phase'], string>> = {
  index: 'Working out what has changed.',
  copy: 'Reusing what is already on this computer.',
  download: 'You can keep writing.',
  verify: 'Comparing every byte with what was signed.',
};

const installTimes = {
  now: 'Restart to begin using it.',
  quit: 'It is installed when you quit, or restart now.',
  'next-launch': 'It is installed at the next start, or restart now.',
} as const;

const disabledViews: Partial<Readonly<Record<DisabledReason, StatusView>>> = {
  policy: plain(
    'Updates are managed for you',
    'Your organisation decides about updates on this computer.',
    'Managed for you',
    [],
  ),
};

function available(state: UpdateState & { readonly type: 'available' }, now: Date): StatusView {
  const { release, downloadSize, fullSize, deferred, lastError } = state;
  const { version, step = 'upgrade', critical } = release;
  const size = sizeText(downloadSize, fullSize);
  const words =
    step === 'upgrade'
      ? { headline: `Notes ${version} is available`, short: `${version} available` }
      : { headline: `Go back to Notes ${version}`, short: `Back to ${version}` };
  const reasons = {
    upgrade: critical ? 'It is important: please install it soon. ' : '',
    downgrade: 'It is older than what you have, as you asked for. ',
    rollback: 'Its publisher took the version that you have back. ',
  };
  return {
    ...arrow(release, words.short),
    headline: words.headline,
    detail: `${reasons[step]}${size}`,
    ...(lastError && errorView(lastError)),
    ...(deferred && { note: deferralText(deferred, now) }),
    // An administrator's hours also apply to the user's requests.
    actions: deferred?.reason === 'policy' ? ['check'] : critical ? ['download'] : ['download', 'later', 'skip'],
    release,
  };
}

/** A staged update stays ready, even if a later check or install failed. */
function staged(
  { release, installAt, deferred, lastError }: UpdateState & { readonly type: 'staged' },
  now: Date,
): StatusView {
  const calm = lastError && calmError(lastError);
  const note = deferred === undefined ? calm && `${calm.headline}. ${calm.detail}` : deferralText(deferred, now);
  return {
    tone: 'ready',
    mark: 'arrow',
    headline: `Notes ${release.version} is ready`,
    detail: installTimes[installAt],
    ...(note !== undefined && { note }),
    short: 'Restart to update',
    release,
    actions: ['restart', 'check'],
    ...(lastError && { code: lastError.code }),
  };
}

function plain(headline: string, detail: string, short: string, actions: readonly UpdateAction[]): StatusView {
  return { tone: 'plain', mark: 'done', headline, detail, short, actions };
}

function upToDate(lastCheck: string | undefined, now: Date): StatusView {
  if (lastCheck === undefined)
    return {
      ...plain('Not checked yet', 'See whether there is a newer Notes.', 'Not checked yet', ['check']),
      mark: 'again',
    };
  const detail = `Last checked: ${formatMoment(new Date(lastCheck), now)}.`;
  return { ...plain('Notes is up to date', detail, 'Up to date', ['check']), tone: 'good' };
}

function staleDetail(since: string, now: Date): string {
  const moment = formatMoment(new Date(since), now);
  return `The publisher’s last word was good until ${moment}; nothing newer has come since. Notes keeps working, but may not be the newest. Check your connection, then try again.`;
}

function arrow(release: ReleaseSummary, short: string): Pick<StatusView, 'tone' | 'mark' | 'short' | 'release'> {
  return { tone: 'good', mark: 'arrow', short, release };
}

function sizeText(download: number, full: number): string {
  if (download >= full) return `${formatBytes(full)} to download.`;
  return `${formatBytes(download)} to download instead of ${formatBytes(full)}.`;
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
