import { byId, setText } from '../dom.ts';
import { createReleaseNotes } from './release-notes.ts';
import { showStatusCard } from './status-card.ts';
import type { StatusView, UpdateAction } from './status-view.ts';

/** The update panel and the chip in the side bar that opens it. */
export interface Panel {
  showVersion(version: string): void;
  showStatus(view: StatusView): void;
}

/** @param onOpen called when the panel opens */
export function createPanel(run: (action: UpdateAction) => void, onOpen: () => void): Panel {
  const panel = byId('updates', HTMLElement);
  const showRelease = createReleaseNotes();
  const chip = byId('update-chip', HTMLButtonElement);
  const close = byId('close-updates', HTMLButtonElement);
  const open = (opened: boolean): void => {
    panel.hidden = !opened;
    chip.setAttribute('aria-expanded', String(opened));
    (opened ? close : chip).focus();
    if (opened) onOpen();
  };
  chip.addEventListener('click', () => open(panel.hasAttribute('hidden')));
  close.addEventListener('click', () => open(false));
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') open(false);
  });
  return {
    showVersion: (version) => setText(byId('chip-version', HTMLElement), `Notes ${version}`),
    showStatus(view) {
      chip.dataset['tone'] = view.tone;
      setText(byId('chip-status', HTMLElement), view.short);
      showStatusCard(view, run);
      showRelease(view.release);
    },
  };
}
