import { byId, element, setText } from '../dom.ts';
import { formatBytes, formatSecondsLeft } from '../format.ts';
import { fractionOf, type StatusView, type UpdateAction } from './status-view.ts';

const labels: Readonly<Record<UpdateAction, string>> = {
  check: 'Check for updates',
  download: 'Download',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  restart: 'Restart now',
  retry: 'Try again',
  later: 'Later',
  skip: 'Skip',
};

/** Actions that move an update forward. They are drawn as primary buttons. */
const primary: ReadonlySet<UpdateAction> = new Set(['download', 'resume', 'restart', 'retry']);

/** Shows the status, the progress and the possible actions. */
export function showStatusCard(view: StatusView, run: (action: UpdateAction) => void): void {
  const card = byId('status', HTMLElement);
  card.dataset['tone'] = view.tone;
  card.dataset['mark'] = view.mark;
  setText(byId('headline', HTMLElement), view.headline);
  setText(byId('detail', HTMLElement), view.detail);
  setOptional('note', view.note);
  setOptional('error-code', view.code);
  showProgress(view);
  showActions(view.actions, run);
}

function setOptional(id: string, text: string | undefined): void {
  const target = byId(id, HTMLElement);
  target.hidden = text === undefined;
  setText(target, text ?? '');
}

function showProgress({ progress }: StatusView): void {
  byId('progress', HTMLElement).hidden = progress === undefined;
  if (progress === undefined) return;
  const { received, total, saved, bytesPerSecond, etaSeconds } = progress;
  byId('progress-bar', HTMLProgressElement).value = fractionOf(progress);
  setText(byId('fact-received', HTMLElement), `${formatBytes(received)} of ${formatBytes(total)}`);
  setText(byId('fact-rate', HTMLElement), `${formatBytes(bytesPerSecond)}/s`);
  setText(byId('fact-eta', HTMLElement), formatSecondsLeft(etaSeconds));
  setText(byId('fact-saved', HTMLElement), formatBytes(saved));
}

/** Keeps buttons while their actions stay the same, so that focus and clicks are not lost during an update. */
function showActions(wanted: readonly UpdateAction[], run: (action: UpdateAction) => void): void {
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
