import type { UpdateErrorData } from '../../../shared/errors.ts';
import type { UpdateStrings } from '../words/strings.ts';

type Reason = Extract<keyof UpdateStrings, `reason${string}`>;

const offline = /^(TRUST_OFFLINE|DOWNLOAD_(OFFLINE|DNS|TIMEOUT|PROXY))$/;
const server =
  /^(TRUST_(SERVER|EXPIRED|TARGET_UNKNOWN)|DOWNLOAD_(HTTP_STATUS|NOT_FOUND|PROTOCOL|TRUNCATED|REDIRECT|TLS|INSECURE_URL))$/;
const disk = /_DISK(_FULL)?$|^TRUST_STORE$/;
const untrusted = /^TRUST_|^DOWNLOAD_(MISMATCH|TOO_LONG)$|^STAGE_CHANGED$|^INSTALL_(VERIFY|DOWNGRADE)$/;
const permission = /^INSTALL_(READ_ONLY|ELEVATION_REFUSED)$/;

/** What went wrong in words that a person needs no dictionary for; an attack is told calmly, because it was stopped. Pure. */
export function reasonOf({ code }: Pick<UpdateErrorData, 'code'>): Reason {
  if (code === 'TRUST_CLOCK') return 'reasonClock';
  if (offline.test(code)) return 'reasonOffline';
  if (server.test(code)) return 'reasonServer';
  if (disk.test(code)) return 'reasonDisk';
  if (untrusted.test(code)) return 'reasonUntrusted';
  return permission.test(code) ? 'reasonPermission' : 'reasonOther';
}
