import { Menu, MenuItem } from 'electron';

import { assertNever } from '../../shared/assert-never.ts';
import type { UpdateState } from '../../shared/state.ts';
import type { Updater } from '../manager/updater.ts';

/** What the menu item says and does in a state. Pure. */
export interface MenuEntry {
  readonly label: string;
  readonly action: 'check' | 'download' | 'install' | 'cancel' | 'none';
}

export function menuEntry(state: UpdateState): MenuEntry {
  switch (state.type) {
    case 'disabled':
    case 'checking':
      return { label: state.type === 'checking' ? 'Checking for Updates…' : 'Updates Are Off', action: 'none' };
    case 'idle':
    case 'stale':
    case 'rolled-back':
      return { label: 'Check for Updates…', action: 'check' };
    case 'available':
      return { label: `Download ${state.release.version}`, action: 'download' };
    case 'downloading':
      return { label: `Downloading ${percent(state.progress.received, state.progress.total)} %`, action: 'cancel' };
    case 'paused':
      return {
        label: `Download Paused at ${percent(state.progress.received, state.progress.total)} %`,
        action: 'cancel',
      };
    case 'verifying':
      return { label: 'Verifying…', action: 'none' };
    case 'staged':
      return { label: 'Restart to Update', action: 'install' };
    case 'needs-attention':
      return { label: 'Try to Update Again', action: 'install' };
    case 'installing':
      return { label: 'Installing…', action: 'none' };
    default:
      return assertNever(state);
  }
}

/**
 * A menu item with a live label: Check for Updates… / Downloading 42 % / Restart to Update. Electron's menu items can
 * not change their label, so the menu is set again when the label does: build it anew in `rebuild`.
 */
export function updateMenuItem(updater: Updater, rebuild: () => Menu): MenuItem {
  const entry = menuEntry(updater.state);
  const unsubscribe = updater.subscribe((state) => {
    if (menuEntry(state).label === entry.label) return;
    unsubscribe();
    Menu.setApplicationMenu(rebuild());
  });
  return new MenuItem({
    label: entry.label,
    enabled: entry.action !== 'none',
    click: () => {
      if (entry.action === 'cancel') updater.cancel();
      else if (entry.action !== 'none') void updater[entry.action]();
    },
  });
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((100 * part) / whole);
}
