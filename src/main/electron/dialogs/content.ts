import type { ErrorReason } from '../../../shared/error-table.ts';
import { errorReason } from '../../../shared/public-error.ts';
import type { UpdateErrorData } from '../../../shared/errors.ts';
import type { ChannelPreview, UpdateState } from '../../../shared/state.ts';
import { fill, type UpdateStrings } from '../words/strings.ts';
import { chooseNotes, plainNotes } from './plain-notes.ts';

export type DialogAction = 'download' | 'later' | 'skip' | 'restart' | 'on-quit' | 'check' | 'install' | 'none';

/** What a dialog says and offers. The last button is what closing it means. */
export interface DialogContent {
  /** The same key is shown once, unless a person asks. */
  readonly key: string;
  readonly type: 'info' | 'warning' | 'question';
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly { readonly label: string; readonly action: DialogAction }[];
  /** The button that Enter presses. @defaultValue 0, the first */
  readonly enter?: number;
}

/** What the words are filled with. */
export interface DialogContext {
  readonly words: UpdateStrings;
  readonly app: string;
  /** The running version. */
  readonly current: string;
  /** BCP 47, the preferred one first. */
  readonly languages: readonly string[];
}

const reasons = {
  offline: 'reasonOffline',
  server: 'reasonServer',
  clock: 'reasonClock',
  disk: 'reasonDisk',
  untrusted: 'reasonUntrusted',
  permission: 'reasonPermission',
  other: 'reasonOther',
} as const satisfies Readonly<Record<ErrorReason, keyof UpdateStrings>>;

/** What a state says by itself: an offer, a finished download, help that is needed, a way back. Pure. */
export function unasked(state: UpdateState, context: DialogContext): DialogContent | undefined {
  const { words, app, current } = context;
  switch (state.type) {
    case 'available':
      return state.deferred === undefined ? offer(state, context) : undefined;
    case 'staged':
      return {
        key: `staged ${state.release.version}`,
        type: 'info',
        message: fill(words.staged, { app, current, version: state.release.version }),
        detail: words.stagedDetail,
        buttons: [
          { label: words.restart, action: 'restart' },
          { label: words.onQuit, action: 'on-quit' },
        ],
      };
    case 'needs-attention':
      return {
        key: `attention ${state.release.version} ${state.error.code}`,
        type: 'warning',
        message: words.attention,
        detail: `${state.what}\n\n${state.how}`.trim(),
        buttons: [
          { label: words.retry, action: 'install' },
          { label: words.close, action: 'none' },
        ],
      };
    case 'rolled-back': {
      const { from, to, reason } = state;
      return {
        key: `rolled back ${from}`,
        type: 'warning',
        message: fill(words.rolledBack, { app, current, from, to }),
        detail: fill(words.rolledBackDetail, { reason }),
        buttons: [{ label: words.ok, action: 'none' }],
      };
    }
    default:
      return undefined;
  }
}

/** What a person who asked for updates is told, whatever came of it. Pure. */
export function asked(state: UpdateState, context: DialogContext): DialogContent | undefined {
  const { words, app, current, languages } = context;
  const ok = [{ label: words.ok, action: 'none' }] as const;
  const error = lastErrorOf(state);
  const failed = error === undefined ? undefined : failure(error, context, 'check');
  switch (state.type) {
    case 'idle':
      if (failed !== undefined) return failed;
      return {
        key: 'up to date',
        type: 'info',
        message: fill(words.upToDate, { app, current }),
        detail: fill(words.upToDateDetail, { app, current }),
        buttons: ok,
      };
    case 'stale': {
      const since = new Intl.DateTimeFormat(tagOf(languages), { dateStyle: 'long' }).format(new Date(state.since));
      const reason =
        state.lastError === undefined
          ? ''
          : `\n\n${fill(words[reasons[errorReason(state.lastError)]], { app, current })}`;
      return {
        key: 'stale',
        type: 'warning',
        message: fill(words.stale, { app, current }),
        detail: fill(words.staleDetail, { since }) + reason,
        buttons: ok,
      };
    }
    case 'disabled':
      return { key: 'off', type: 'info', message: words.off, detail: state.message, buttons: ok };
    case 'available':
      return failed ?? offer(state, context);
    default:
      // What is staged is ready, whatever the last check met.
      return unasked(state, context);
  }
}

/** What failed, and the code for whoever is asked for help. Pure. */
export function failure(
  error: Pick<UpdateErrorData, 'code'>,
  { words, app, current }: DialogContext,
  again: 'check' | 'install',
): DialogContent {
  return {
    key: `failed ${error.code}`,
    type: 'warning',
    message: fill(words.failed, { app, current }),
    detail: `${fill(words[reasons[errorReason(error)]], { app, current })}\n\n${error.code}`,
    buttons: [
      { label: words.retry, action: again },
      { label: words.close, action: 'none' },
    ],
  };
}

/** Why the last try did not end well, in the states that remember it. */
export function lastErrorOf(state: UpdateState): UpdateErrorData | undefined {
  return 'lastError' in state ? state.lastError : undefined;
}

/** The main process's own question before a page's downgrade. Pure. */
export function downgradeQuestion(preview: ChannelPreview, { words, app, current }: DialogContext): DialogContent {
  const values = { app, current, channel: preview.channel, version: preview.release?.version ?? '' };
  return {
    key: 'downgrade',
    type: 'question',
    message: fill(words.downgrade, values),
    detail: fill(words.downgradeDetail, values),
    buttons: [
      { label: words.downgradeYes, action: 'install' },
      { label: words.downgradeNo, action: 'none' },
    ],
    // Whoever answers without reading loses nothing.
    enter: 1,
  };
}

function offer(state: UpdateState & { readonly type: 'available' }, context: DialogContext): DialogContent {
  const { words, app, current, languages } = context;
  const { version, critical, notes } = state.release;
  const values = { app, current, version, size: sizeOf(state.downloadSize, languages) };
  const text = plainNotes(chooseNotes(notes, languages));
  return {
    key: `available ${version}`,
    type: 'info',
    message: fill(critical ? words.availableCritical : words.available, values),
    detail: [fill(words.availableDetail, values), text].filter((part) => part !== '').join('\n\n'),
    buttons: [
      { label: words.download, action: 'download' },
      ...(critical ? [] : [{ label: words.skip, action: 'skip' } as const]),
      { label: words.later, action: 'later' },
    ],
  };
}

/** Bytes as a person reads them: decimal units, as file managers count. */
function sizeOf(bytes: number, languages: readonly string[]): string {
  const [unit, divisor] = bytes < 1e6 ? (['kilobyte', 1e3] as const) : (['megabyte', 1e6] as const);
  const value = Math.max(bytes / divisor, 0.1);
  const maximumFractionDigits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(tagOf(languages), { style: 'unit', unit, maximumFractionDigits }).format(value);
}

/** The first language tag that `Intl` understands: Linux tells `de_AT.UTF-8` and `C`. */
function tagOf(languages: readonly string[]): string {
  const tags = languages.map((language) => language.split(/[.@]/)[0]?.replaceAll('_', '-') ?? '');
  return tags.find((tag) => /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag)) ?? 'en';
}
