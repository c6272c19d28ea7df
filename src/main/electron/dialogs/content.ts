import { dayMs } from '../../../shared/durations.ts';
import type { ErrorReason } from '../../../shared/error-table.ts';
import type { UpdateErrorData } from '../../../shared/errors.ts';
import type {
  AvailableState,
  ChannelPreview,
  NeedsAttentionState,
  RolledBackState,
  StagedState,
  StaleState,
  UpdateState,
} from '../../../shared/state.ts';
import type { DialogStrings } from '../i18n/strings.ts';
import type { Texts } from '../i18n/texts.ts';
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

/** The words of dialogs, and what they are filled with. */
export interface DialogContext {
  readonly texts: Texts<DialogStrings>;
  readonly app: string;
  /** The running version. */
  readonly current: string;
  /** Of release notes: BCP 47, the preferred one first. */
  readonly languages: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const reasons = {
  offline: 'reasonOffline',
  server: 'reasonServer',
  clock: 'reasonClock',
  disk: 'reasonDisk',
  untrusted: 'reasonUntrusted',
  permission: 'reasonPermission',
  other: 'reasonOther',
} as const satisfies Readonly<Record<ErrorReason, keyof DialogStrings>>;

/** Names what a state says by itself; `undefined` when it says nothing. Pure. */
export function unaskedKey(state: UpdateState): string | undefined {
  switch (state.type) {
    case 'available':
      return state.deferred === undefined ? `available ${state.release.version}` : undefined;
    case 'staged':
      return `staged ${state.release.version}`;
    case 'needs-attention':
      return `attention ${state.release.version} ${state.error.code}`;
    case 'rolled-back':
      return `rolled back ${state.from}`;
    default:
      return undefined;
  }
}

/** What a state says by itself: an offer, a finished download, help that is needed, a way back. Pure. */
export function unasked(state: UpdateState, context: DialogContext): DialogContent | undefined {
  const key = unaskedKey(state);
  if (key === undefined) return undefined;
  switch (state.type) {
    case 'available':
      return offer(state, context);
    case 'staged':
      return { key, ...readyToRestart(state, context) };
    case 'needs-attention':
      return { key, ...helpNeeded(state, context) };
    case 'rolled-back':
      return { key, ...wayBack(state, context) };
    default:
      return undefined;
  }
}

type Unnamed = Omit<DialogContent, 'key'>;

function readyToRestart({ release }: StagedState, { texts, app, current }: DialogContext): Unnamed {
  return {
    type: 'info',
    message: texts.say('staged', { app, current, version: release.version }),
    detail: texts.say('stagedDetail'),
    buttons: [
      { label: texts.say('restart'), action: 'restart' },
      { label: texts.say('onQuit'), action: 'on-quit' },
    ],
  };
}

function helpNeeded({ explanation }: NeedsAttentionState, { texts }: DialogContext): Unnamed {
  return {
    type: 'warning',
    message: texts.say('attention'),
    detail: texts.explain(explanation),
    buttons: [
      { label: texts.say('retry'), action: 'install' },
      { label: texts.say('close'), action: 'none' },
    ],
  };
}

function wayBack({ from, to, reason }: RolledBackState, { texts, app, current }: DialogContext): Unnamed {
  return {
    type: 'warning',
    message: texts.say('rolledBack', { app, current, from, to }),
    detail: texts.say('rolledBackDetail', { app, current, from, to, reason }),
    buttons: [{ label: texts.say('ok'), action: 'none' }],
  };
}

/** What a person who asked for updates is told, whatever came of it. Pure. */
export function asked(state: UpdateState, context: DialogContext): DialogContent | undefined {
  const { texts, app, current } = context;
  const buttons = [{ label: texts.say('ok'), action: 'none' }] as const;
  const error = lastErrorOf(state);
  const failed = error === undefined ? undefined : failure(error, context, 'check');
  switch (state.type) {
    case 'idle':
      if (failed !== undefined) return failed;
      return {
        key: 'up to date',
        type: 'info',
        message: texts.say('upToDate', { app, current }),
        detail: texts.say('upToDateDetail', { app, current }),
        buttons,
      };
    case 'stale':
      return {
        key: 'stale',
        type: 'warning',
        message: texts.say('stale', { app, current }),
        detail: staleDetail(state, context),
        buttons,
      };
    case 'disabled':
      return {
        key: 'off',
        type: 'info',
        message: texts.say('off'),
        detail: texts.explain(state.explanation),
        buttons,
      };
    case 'available':
      return failed ?? offer(state, context);
    default:
      // What is staged is ready, whatever the last check met.
      return unasked(state, context);
  }
}

function staleDetail({ since, lastError }: StaleState, { texts, app, current, now }: DialogContext): string {
  const count = Math.max(1, Math.floor((now - Date.parse(since)) / dayMs));
  const date = new Intl.DateTimeFormat(texts.locale, { dateStyle: 'long' }).format(new Date(since));
  const detail = texts.say('staleDetail', { app, current, count, since: date });
  if (lastError === undefined) return detail;
  return `${detail}\n\n${texts.say(reasons[lastError.reason], { app, current })}`;
}

/** What failed, and the code for whoever is asked for help. Pure. */
export function failure(
  error: Pick<UpdateErrorData, 'code' | 'reason'>,
  { texts, app, current }: DialogContext,
  again: 'check' | 'install',
): DialogContent {
  return {
    key: `failed ${error.code}`,
    type: 'warning',
    message: texts.say('failed', { app, current }),
    detail: `${texts.say(reasons[error.reason], { app, current })}\n\n${error.code}`,
    buttons: [
      { label: texts.say('retry'), action: again },
      { label: texts.say('close'), action: 'none' },
    ],
  };
}

/** Why the last try did not end well, in the states that remember it. */
export function lastErrorOf(state: UpdateState): UpdateErrorData | undefined {
  return 'lastError' in state ? state.lastError : undefined;
}

/** The main process's own question before a page's downgrade. Pure. */
export function downgradeQuestion(preview: ChannelPreview, { texts, app, current }: DialogContext): DialogContent {
  const values = { app, current, channel: preview.channel, version: preview.release?.version ?? '' };
  return {
    key: 'downgrade',
    type: 'question',
    message: texts.say('downgrade', values),
    detail: texts.say('downgradeDetail', values),
    buttons: [
      { label: texts.say('downgradeYes'), action: 'install' },
      { label: texts.say('downgradeNo'), action: 'none' },
    ],
    // Whoever answers without reading loses nothing.
    enter: 1,
  };
}

function offer(state: AvailableState, context: DialogContext): DialogContent {
  const { texts, app, current, languages } = context;
  const { version, critical, notes } = state.release;
  const values = { app, current, version, size: sizeOf(state.downloadSize, texts.locale) };
  const text = plainNotes(chooseNotes(notes, languages));
  return {
    key: `available ${version}`,
    type: 'info',
    message: texts.say(critical ? 'availableCritical' : 'available', values),
    detail: [texts.say('availableDetail', values), text].filter((part) => part !== '').join('\n\n'),
    buttons: [
      { label: texts.say('download'), action: 'download' },
      ...(critical ? [] : [{ label: texts.say('skip'), action: 'skip' } as const]),
      { label: texts.say('later'), action: 'later' },
    ],
  };
}

/** Bytes as a person reads them: decimal units, as file managers count. */
function sizeOf(bytes: number, locale: string): string {
  const [unit, divisor] = bytes < 1e6 ? (['kilobyte', 1e3] as const) : (['megabyte', 1e6] as const);
  const value = Math.max(bytes / divisor, 0.1);
  const maximumFractionDigits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits }).format(value);
}
