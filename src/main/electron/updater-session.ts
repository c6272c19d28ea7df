import { type AuthInfo, type Session, session } from 'electron';

export type { AuthInfo, Session };

/**
 * Not persisted, because the name has no `persist:` prefix: no cookies, no cache, nothing shared with the app's
 * windows.
 */
const partition = 'electron-tuf-updater';

/** The session for all requests of the updater. Call it once the app is ready. */
export function updaterSession(): Session {
  return session.fromPartition(partition, { cache: false });
}
