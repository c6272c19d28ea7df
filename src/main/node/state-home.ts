import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The local, non-roaming directory for app data: LOCALAPPDATA, Library/Application Support or XDG_STATE_HOME (the XDG
 * Base Directory Specification says to ignore relative values).
 */
export function stateHome(platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): string {
  const home = env['HOME'] ?? homedir();
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  const configured = env['XDG_STATE_HOME'];
  return configured !== undefined && isAbsolute(configured) ? configured : join(home, '.local', 'state');
}
