import { byId, element, setText } from '../dom.ts';
import { formatBytes, formatSecondsLeft, formatWhen } from '../format.ts';
import type { HistoryEntry } from './history.ts';
import { renderReleaseNotes } from './inert-markdown.ts';
import { fractionOf, type StatusView, type UpdateAction } from './status-view.ts';

const labels: Readonly<Record<UpdateAction, string>> = {
  check: 'Check for updates',
  download: 'Download',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  restart: 'Restart now',
  later: 'Later',
  skip: 'Skip',
};

/** What moves an update forward; the others are drawn quietly. */
const primary: ReadonlySet<UpdateAction> = new Set(['download', 'resume', 'restart']);

const channelHints: Readonly<Record<string, string>> = {
  stable: 'Tested releases. For everyday use.',
  beta: 'The next release, a few weeks early.',
  nightly: 'Built every night. Expect rough edges.',
};

export interface PanelActions {
  readonly run: (action: UpdateAction) => void;
  readonly switchChannel: (channel: string) => void;
}

/** The update panel and the chip in the side bar that opens it. */
export interface Panel {
  /** What its buttons do; once. */
  bind(actions: PanelActions): void;
  showVersion(version: string): void;
  showStatus(view: StatusView): void;
  showChannels(channels: readonly string[], current: string): void;
  showHistory(history: readonly HistoryEntry[], now: Date): void;
}

export function createPanel(): Panel {
  let bound: PanelActions | undefined;
  const actions: PanelActions = {
    run: (action) => bound?.run(action),
    switchChannel: (channel) => bound?.switchChannel(channel),
  };
  bindOpening();
  return {
    bind(actions) {
      bound = actions;
    },
    showVersion(version) {
      setText(byId('chip-version', HTMLElement), `Notes ${version}`);
    },
    showStatus(view) {
      showChip(view);
      showStatusCard(view);
      showProgress(view);
      showActions(view.actions, actions);
      showRelease(view);
    },
    showChannels(channels, current) {
      const options = channels.map((channel) => channelOption(channel, channel === current, actions));
      byId('channel-options', HTMLElement).replaceChildren(...options);
      setText(byId('channel-hint', HTMLElement), channelHints[current] ?? '');
    },
    showHistory(history, now) {
      byId('history', HTMLOListElement).replaceChildren(...history.map((entry) => historyItem(entry, now)));
    },
  };
}

function bindOpening(): void {
  const panel = byId('updates', HTMLElement);
  const chip = byId('update-chip', HTMLButtonElement);
  const close = byId('close-updates', HTMLButtonElement);
  const open = (opened: boolean): void => {
    panel.hidden = !opened;
    chip.setAttribute('aria-expanded', String(opened));
    (opened ? close : chip).focus();
  };
  chip.addEventListener('click', () => open(panel.hasAttribute('hidden')));
  close.addEventListener('click', () => open(false));
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') open(false);
  });
}

function showChip(view: StatusView): void {
  byId('update-chip', HTMLButtonElement).dataset['tone'] = view.tone;
  setText(byId('chip-status', HTMLElement), view.short);
}

function showStatusCard(view: StatusView): void {
  const card = byId('status', HTMLElement);
  card.dataset['tone'] = view.tone;
  card.dataset['mark'] = view.mark;
  setText(byId('headline', HTMLElement), view.headline);
  setText(byId('detail', HTMLElement), view.detail);
  const code = byId('error-code', HTMLElement);
  code.hidden = view.code === undefined;
  setText(code, view.code ?? '');
}

function showProgress(view: StatusView): void {
  byId('progress', HTMLElement).hidden = view.progress === undefined;
  if (view.progress === undefined) return;
  const { received, total, saved, bytesPerSecond, etaSeconds } = view.progress;
  byId('progress-bar', HTMLProgressElement).value = fractionOf(view.progress);
  setText(byId('fact-received', HTMLElement), `${formatBytes(received)} of ${formatBytes(total)}`);
  setText(byId('fact-rate', HTMLElement), `${formatBytes(bytesPerSecond)}/s`);
  setText(byId('fact-eta', HTMLElement), formatSecondsLeft(etaSeconds));
  setText(byId('fact-saved', HTMLElement), formatBytes(saved));
}

/** Buttons are kept while they mean the same, so that focus and a click in the middle of an update are not lost. */
function showActions(wanted: readonly UpdateAction[], { run }: PanelActions): void {
  const row = byId('actions', HTMLElement);
  if (row.dataset['shown'] === wanted.join(' ')) return;
  row.dataset['shown'] = wanted.join(' ');
  const hadFocus = row.contains(document.activeElement);
  const buttons = wanted.map((action) => {
    const className = primary.has(action) ? 'action action-primary' : 'action';
    const button = element('button', { type: 'button', className }, labels[action]);
    button.addEventListener('click', () => run(action));
    return button;
  });
  row.replaceChildren(...buttons);
  if (hadFocus) (buttons[0] ?? byId('close-updates', HTMLButtonElement)).focus();
}

function showRelease({ release }: StatusView): void {
  const section = byId('release', HTMLElement);
  const notes = release === undefined ? undefined : notesFor(release.notes, navigator.languages);
  section.hidden = notes === undefined;
  const shown = `${release?.version}\n${notes}`;
  if (release === undefined || notes === undefined || section.dataset['shown'] === shown) return;
  section.dataset['shown'] = shown;
  setText(byId('release-title', HTMLElement), `What is new in ${release.version}`);
  byId('release-notes', HTMLElement).replaceChildren(...renderReleaseNotes(notes));
}

/** The notes in the first of the reader's languages that there are, else in English, else in any. */
function notesFor(notes: Readonly<Record<string, string>>, languages: readonly string[]): string | undefined {
  const tags = [...languages.flatMap((language) => [language, language.split('-')[0] ?? language]), 'en'];
  const tag = tags.find((tag) => Object.hasOwn(notes, tag)) ?? Object.keys(notes)[0];
  return tag === undefined ? undefined : notes[tag];
}

function channelOption(channel: string, checked: boolean, { switchChannel }: PanelActions): HTMLElement {
  const input = element('input', { type: 'radio', name: 'channel', value: channel, checked });
  input.addEventListener('change', () => switchChannel(channel));
  return element('label', { className: 'segment' }, input, channel);
}

function historyItem(entry: HistoryEntry, now: Date): HTMLLIElement {
  const what = { installed: 'Installed', updated: 'Updated to', restored: 'Restored' }[entry.what];
  const when = element('time', { className: 'history-when', dateTime: entry.at }, formatWhen(new Date(entry.at), now));
  const item = element('li', {}, element('span', { className: 'history-what' }, `${what} ${entry.version}`), when);
  if (entry.why !== undefined) item.append(element('span', { className: 'history-why' }, entry.why));
  return item;
}
