import { Menu, MenuItem } from 'electron';

import { assertNever } from '../../shared/assert-never.ts';
import { textOf } from '../../shared/errors.ts';
import type { UpdateState } from '../../shared/state.ts';
import type { Updater } from '../manager/updater.ts';
import { silentLogger } from '../node/logger.ts';
import type { Logger } from '../ports.ts';
import { menuTexts } from './i18n/index.ts';
import type { MenuStrings, WordsOptions } from './i18n/strings.ts';
import type { Texts } from './i18n/texts.ts';

/** The label of the menu item in a state, and what a click does. */
interface MenuEntry {
  readonly label: string;
  readonly action: 'check' | 'download' | 'install' | 'cancel' | 'none';
}

export interface MenuOptions extends WordsOptions {
  /** What "Check for Updates…" does, such as `dialogs.check`. @defaultValue updater.check */
  readonly check?: () => unknown;
  /**
   * Builds the application menu again when the label changes. Before Electron 42, which draws a label only once, the
   * label changes only with this option. @defaultValue the menu is not built again
   */
  readonly rebuild?: () => Menu;
  /** @defaultValue nothing is logged */
  readonly logger?: Logger;
}

function menuEntry(state: UpdateState, texts: Texts<MenuStrings>): MenuEntry {
  switch (state.type) {
    case 'disabled':
      return { label: texts.say('menuOff'), action: 'none' };
    case 'checking':
      return { label: texts.say('menuChecking'), action: 'none' };
    case 'idle':
    case 'stale':
    case 'rolled-back':
      return { label: texts.say('menuCheck'), action: 'check' };
    case 'available':
      return { label: texts.say('menuDownload', { version: state.release.version }), action: 'download' };
    case 'downloading':
      return { label: texts.say('menuDownloading', percent(state.progress)), action: 'cancel' };
    case 'paused':
      return { label: texts.say('menuPaused', percent(state.progress)), action: 'cancel' };
    case 'verifying':
      return { label: texts.say('menuVerifying'), action: 'none' };
    case 'staged':
      return { label: texts.say('menuRestart'), action: 'install' };
    case 'needs-attention':
      return { label: texts.say('menuRetry'), action: 'install' };
    case 'installing':
      return { label: texts.say('menuInstalling'), action: 'none' };
    default:
      return assertNever(state);
  }
}

/** The first major version of Electron that draws a changed label. */
const liveLabels = 42;

/** States in which "Check for Updates…" has something to do. */
const checkable: readonly UpdateState['type'][] = [
  'idle',
  'stale',
  'rolled-back',
  'available',
  'staged',
  'needs-attention',
];

/**
 * The entry if the first label stays visible. The item does what its label says, and is disabled in states where that
 * is not possible. Pure.
 */
function drawnEntry(drawn: MenuEntry, current: MenuEntry, state: UpdateState): MenuEntry {
  const isPossible = current.label === drawn.label || (drawn.action === 'check' && checkable.includes(state.type));
  return isPossible ? drawn : { ...drawn, action: 'none' };
}

/**
 * Creates a menu item whose label follows the state: Check for Updates… / Downloading 42 % / Restart to Update. A click
 * does what the label says; during a download it cancels. Before Electron 42, the label and the action of a click
 * change only with `rebuild`.
 */
export function updateMenuItem(updater: Updater, options: MenuOptions = {}): MenuItem {
  const logger = options.logger ?? silentLogger;
  const first = menuEntry(updater.state, menuTexts(options));
  const isLive = options.rebuild !== undefined || Number.parseInt(process.versions['electron'] ?? '', 10) >= liveLabels;
  let entry = first;

  async function act(): Promise<void> {
    try {
      if (entry.action === 'cancel') updater.cancel();
      else if (entry.action === 'check' && options.check !== undefined) await options.check();
      else if (entry.action !== 'none') await updater[entry.action]();
    } catch (error) {
      // The state may have changed between the click and the call. The state also carries the error of a failed action.
      logger.warn(`The update menu could not "${entry.action}": ${textOf(error)}`);
    }
  }

  const item = new MenuItem({ label: entry.label, enabled: entry.action !== 'none', click: () => void act() });
  const unsubscribe = updater.subscribe((state) => {
    const before = entry;
    const current = menuEntry(state, menuTexts(options));
    entry = isLive ? current : drawnEntry(first, current, state);
    item.enabled = entry.action !== 'none';
    if (entry.label === before.label) return;
    item.label = entry.label;
    if (options.rebuild === undefined) return;
    // The new menu has its own item.
    unsubscribe();
    Menu.setApplicationMenu(options.rebuild());
  });
  return item;
}

function percent({ received, total }: { readonly received: number; readonly total: number }): {
  readonly percent: number;
} {
  return { percent: total === 0 ? 0 : Math.floor((100 * received) / total) };
}
