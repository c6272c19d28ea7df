import type { HistoryEntry } from '../../../src/shared/state.ts';
import { byId, element } from '../dom.ts';
import { formatFull, formatWhen } from '../format.ts';

/** Shows the updates of this installation, newest first. */
export function showHistory(history: readonly HistoryEntry[], version: string, now: Date): void {
  const nothing = element('li', { className: 'history-none' }, `None on this computer yet. You began with ${version}.`);
  byId('history', HTMLOListElement).replaceChildren(
    ...(history.length === 0 ? [nothing] : history.map((entry) => historyItem(entry, now))),
  );
}

function historyItem({ result, from, to, at, reason }: HistoryEntry, now: Date): HTMLLIElement {
  const instant = new Date(at);
  const [what, why] =
    result === 'installed'
      ? [`Updated to ${to}`, `from ${from}`]
      : [`Back on ${to}`, `${from} did not start properly. ${reason ?? ''}`.trim()];
  const item = element(
    'li',
    {},
    element('span', { className: 'history-what' }, what),
    element('time', { className: 'history-when', dateTime: at, title: formatFull(instant) }, formatWhen(instant, now)),
    element('span', { className: 'history-why' }, why),
  );
  item.dataset['result'] = result;
  return item;
}
