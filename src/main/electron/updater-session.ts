import { type AuthInfo, type Session, session } from 'electron';

export type { AuthInfo, Session };

/** Not persisted (no `persist:` prefix): no cookies, no cache, nothing shared with the app's windows. */
const partition = 'electron-tuf-updater';

/** The session that the updater's requests go through, the same each time. Once the app is ready. */
export function updaterSession(): Session {
  return session.fromPartition(partition, { cache: false });
}
