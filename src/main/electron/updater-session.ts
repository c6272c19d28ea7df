import { type AuthInfo, type Session, session } from 'electron';

export type { AuthInfo, Session };

/**
 * The session is not persisted, because its name has no `persist:` prefix. It has no cookies and no cache, and it
 * shares nothing with the app's windows.
 */
const partition = 'electron-tuf-updater';

/** The session for all requests of the updater. Call it once the app is ready. */
export function updaterSession(): Session {
  return session.fromPartition(partition, { cache: false });
}
