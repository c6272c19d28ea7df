import { dayMs } from '../../../shared/durations.ts';
import { type Finding, findingsAbout, formatExpiry, formatSpan } from './finding.ts';

/** A signed metadata file that a client fetched. */
export interface RoleFacts {
  /** `root`, `timestamp`, `snapshot`, `targets`, or the name of a delegated role. */
  readonly role: string;
  readonly version: number;
  /** ISO 8601. */
  readonly expires: string;
}

/** What a client sees of the repository. */
export interface MetadataFacts {
  /** Absent if all metadata was verified. */
  readonly failure?: { readonly code: string; readonly message: string };
  readonly roles: readonly RoleFacts[];
  /** Milliseconds by which this machine's clock is ahead of the server's. */
  readonly clockAheadMs?: number;
}

/** RSTUF renews metadata that expires within the hour. Less time left means that its worker does not run. */
const renewedBeforeMs = 60 * 60_000;
/** Days. Several people sign a new root with their keys, and need time to meet. */
const rootWarningDays = 60;
const topLevel = ['timestamp', 'snapshot', 'targets'];
const largestSkewMs = 5 * 60_000;

export function checkMetadata({ failure, roles, clockAheadMs }: MetadataFacts, now: number): readonly Finding[] {
  const about = findingsAbout('Repository');
  const expired = roles.filter(({ expires }) => Date.parse(expires) <= now);
  return [
    failure === undefined
      ? about.ok('a client reaches and verifies it')
      : about.fail(`${failure.code}: ${failure.message}`, adviceFor(failure.code, expired.length > 0)),
    ...roles.filter(({ role }) => role === 'root').map((role) => checkRoot(role, now)),
    ...checkOnlineRoles(roles, now),
    ...checkClock(clockAheadMs),
  ];
}

function checkRoot({ version, expires }: RoleFacts, now: number): Finding {
  const about = findingsAbout('root');
  const text = `version ${version}, expires ${formatExpiry(expires, now)}`;
  const ceremony = 'Have a threshold of root keys sign a new root (rstuf admin metadata update).';
  const left = Date.parse(expires) - now;
  if (left <= 0) return about.fail(`Expired ${formatExpiry(expires, now)}: no client verifies anything.`, ceremony);
  return left < rootWarningDays * dayMs ? about.warn(text, ceremony) : about.ok(text);
}

/** Reports all delegated roles in one line, because there may be many. If some have problems, reports only those. */
function checkOnlineRoles(roles: readonly RoleFacts[], now: number): readonly Finding[] {
  const own = roles.filter(({ role }) => topLevel.includes(role));
  const delegated = roles.filter(({ role }) => role !== 'root' && !topLevel.includes(role));
  const wrong = delegated.map((role) => checkOnline(role, now)).filter(({ level }) => level !== 'ok');
  const first = delegated.toSorted((a, b) => Date.parse(a.expires) - Date.parse(b.expires))[0];
  const summary =
    first === undefined || wrong.length > 0
      ? wrong
      : [
          findingsAbout('delegated').ok(
            `${delegated.length} looked at, the first expires ${formatExpiry(first.expires, now)}`,
          ),
        ];
  return [...own.map((role) => checkOnline(role, now)), ...summary];
}

function checkOnline({ role, version, expires }: RoleFacts, now: number): Finding {
  const about = findingsAbout(role);
  const text = `version ${version}, expires ${formatExpiry(expires, now)}`;
  const renew = 'Start RSTUF\'s worker. For a repository in a directory, run "electron-tuf renew".';
  const left = Date.parse(expires) - now;
  if (left <= 0) return about.fail(`Expired ${formatExpiry(expires, now)}: apps cannot check for updates.`, renew);
  return left < renewedBeforeMs ? about.warn(`${text} and was not signed again yet`, renew) : about.ok(text);
}

function checkClock(aheadMs: number | undefined): readonly Finding[] {
  if (aheadMs === undefined) return [];
  const about = findingsAbout('Clock');
  if (Math.abs(aheadMs) <= largestSkewMs) return [about.ok('this machine and the server agree')];
  const side = aheadMs > 0 ? 'ahead of' : 'behind';
  return [
    about.warn(
      `This machine is ${formatSpan(Math.abs(aheadMs))} ${side} the server.`,
      'Set the clock; expiry dates depend on it.',
    ),
  ];
}

function adviceFor(code: string, hasExpired: boolean): string {
  if (hasExpired) return 'See the expired metadata below.';
  if (code === 'TRUST_OFFLINE') return 'Check the network, and the address in update.json.';
  if (code === 'TRUST_SERVER' || code === 'TRUST_FILE_MISSING')
    return 'Check that the metadata directory is served at the address in update.json.';
  return 'What is served is not what the embedded root trusts: see docs/runbook.md.';
}
