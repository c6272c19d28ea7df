import type { UpdateErrorData } from './errors.ts';

/** Kinds of errors as a person knows them. `untrusted` is an attack or a mistake that was stopped. */
export type ErrorReason = 'offline' | 'server' | 'clock' | 'disk' | 'untrusted' | 'permission' | 'other';

const offline = /^(TRUST_OFFLINE|DOWNLOAD_(OFFLINE|DNS|TIMEOUT|PROXY))$/;
const server =
  /^(TRUST_(SERVER|EXPIRED|TARGET_UNKNOWN)|DOWNLOAD_(HTTP_STATUS|NOT_FOUND|PROTOCOL|TRUNCATED|REDIRECT|TLS|INSECURE_URL))$/;
const disk = /_DISK(_FULL)?$|^TRUST_STORE$/;
const untrusted = /^TRUST_|^DOWNLOAD_(MISMATCH|TOO_LONG)$|^STAGE_CHANGED$|^INSTALL_(VERIFY|DOWNGRADE)$/;
const permission = /^INSTALL_(READ_ONLY|ELEVATION_REFUSED)$/;

/** What kind of error a code is: enough to choose words that a person needs no dictionary for. Pure. */
export function errorReason({ code }: Pick<UpdateErrorData, 'code'>): ErrorReason {
  if (code === 'TRUST_CLOCK') return 'clock';
  if (offline.test(code)) return 'offline';
  if (server.test(code)) return 'server';
  if (disk.test(code)) return 'disk';
  if (untrusted.test(code)) return 'untrusted';
  return permission.test(code) ? 'permission' : 'other';
}
