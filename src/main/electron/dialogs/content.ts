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

/** The texts and buttons of a dialog. Closing the dialog counts as its last button. */
export interface DialogContent {
  /** A dialog with the same key is shown only once, unless the user asks. */
  readonly key: string;
  readonly type: 'info' | 'warning' | 'question';
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly { readonly label: string; readonly action: DialogAction }[];
  /** Index of the button that Enter presses. @defaultValue 0 */
  readonly enter?: number;
}

/** The texts of the dialogs, and the values to fill in. */
export interface DialogContext {
  readonly texts: Texts<DialogStrings>;
  readonly app: string;
  /** The running version. */
  readonly current: string;
  /** Languages for release notes: BCP 47 tags, the preferred one first. */
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

/** The key of the dialog that a state shows without being asked; `undefined` if it shows none. Pure. */
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

/** The dialog that a state shows without being asked: an offer, a restart, a needed action or a rollback. Pure. */
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
      return { key, ...rolledBack(state, context) };
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

function rolledBack({ from, to, reason }: RolledBackState, { texts, app, current }: DialogContext): Unnamed {
  return {
    type: 'warning',
    message: texts.say('rolledBack', { app, current, from, to }),
    detail: texts.say('rolledBackDetail', { app, current, from, to, reason }),
    buttons: [{ label: texts.say('ok'), action: 'none' }],
  };
}

/** The dialog for a user who checked for updates. Every outcome has one. Pure. */
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
      // A staged update is ready, even if the last check failed.
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

/** The dialog for a failure. It shows the code for the support of the app. Pure. */
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

/** The error of the last attempt, in states that carry it. */
export function lastErrorOf(state: UpdateState): UpdateErrorData | undefined {
  return 'lastError' in state ? state.lastError : undefined;
}

/** The main process's question before a downgrade that a page requested. Pure. */
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
    // Enter keeps the installed version.
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

/** Formats bytes for a person, in decimal units as file managers do. */
function sizeOf(bytes: number, locale: string): string {
  const [unit, divisor] = bytes < 1e6 ? (['kilobyte', 1e3] as const) : (['megabyte', 1e6] as const);
  const value = Math.max(bytes / divisor, 0.1);
  const maximumFractionDigits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits }).format(value);
}
