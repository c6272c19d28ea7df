import { omitUndefined } from '../../shared/omit-undefined.ts';
import { publicState } from '../../shared/public-error.ts';
import type { DiagnosticReport, UpdateState } from '../../shared/state.ts';
import type { AppFacts } from '../ports.ts';
import type { ManagerFacts } from './state/manager-state.ts';
import type { Preferences } from './storage/preferences.ts';

/** The input of a report. */
export interface DiagnosticFacts {
  readonly app: string;
  readonly host: Pick<AppFacts, 'version' | 'platform' | 'arch' | 'nativeArch' | 'systemVersion' | 'isPackaged'>;
  readonly state: UpdateState;
  readonly facts: ManagerFacts;
  readonly preferences: Preferences;
  readonly kind: string | undefined;
  readonly quarantined: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

/** Creates a report for support. It contains no paths, addresses, or ids of users or installations. Pure. */
export function diagnose(input: DiagnosticFacts): DiagnosticReport {
  const summary = summaryOf(input);
  const { selection, heldBack } = input.facts.search ?? {};
  const releases = (selection?.others ?? []).map(({ message }) => message);
  const facts = factsOf(input);
  const lines = [
    summary,
    ...releases.map((sentence) => `- ${sentence}`),
    '',
    ...Object.entries(facts).map(([name, value]) => `${name}: ${value}`),
  ];
  return { summary, releases, ...(heldBack && { heldBack }), facts, text: `${lines.join('\n')}\n` };
}

function summaryOf({ state: full, facts, host, preferences }: DiagnosticFacts): string {
  const state = publicState(full);
  switch (state.type) {
    case 'disabled':
      return `Updates are off (${state.reason})${state.reason === 'misconfigured' ? '.' : `: ${state.message}`}`;
    case 'stale':
      return `Since ${state.since} it cannot be told whether there is something newer. ${state.lastError?.message ?? ''}`.trim();
    case 'needs-attention':
      return `${state.release.version} cannot be installed. ${state.error.message}`;
    case 'rolled-back':
      return `${state.from} was rolled back to ${state.to}: ${state.reason}`;
    case 'idle':
      return idleSummary(facts, host.version, preferences, state.lastError?.message);
    default:
      return 'release' in state ? `${state.release.version} is ${words[state.type]}.` : 'A check is running.';
  }
}

const words = {
  available: 'available',
  downloading: 'being downloaded',
  paused: 'being downloaded, and paused',
  verifying: 'being verified',
  staged: 'ready to be installed',
  installing: 'being installed',
} as const;

function idleSummary(
  { search }: ManagerFacts,
  version: string,
  preferences: Preferences,
  error: string | undefined,
): string {
  if (error !== undefined) return `The last try did not work out: ${error}`;
  if (search === undefined) {
    return preferences.lastCheck === undefined
      ? 'No check has been made yet.'
      : `No check has been made since the start; the last one was at ${preferences.lastCheck}.`;
  }
  const { blocked, selection, index } = search;
  if (blocked !== undefined) return `An older version is offered, and the app does not take it: ${blocked}`;
  if (index.releases.length === 0) return `The channel ${index.channel} lists no releases.`;
  return selection.others.some(({ reason }) => reason !== 'installed' && reason !== 'older')
    ? `${version} is not offered an update; the reasons are below.`
    : `${version} is up to date on the channel ${index.channel}.`;
}

function factsOf(input: DiagnosticFacts): Readonly<Record<string, string | number | boolean>> {
  const { app, host, state, preferences, kind, quarantined, at } = input;
  const { policyFile, policy, channel, trust, search } = input.facts;
  const facts: Record<string, string | number | boolean | undefined> = {
    at,
    app,
    version: host.version,
    state: state.type,
    channel,
    platform: `${host.platform}-${host.arch}`,
    nativeArch: host.nativeArch,
    systemVersion: host.systemVersion,
    packaged: host.isPackaged,
    installation: kind ?? 'unknown kind',
    lastCheck: preferences.lastCheck,
    lastError: 'lastError' in state ? state.lastError?.code : undefined,
    skipped: preferences.skipped,
    remindLater: preferences.remindLater && new Date(preferences.remindLater.until).toISOString(),
    downgradeAgreed: preferences.downgradeTo,
    installTries:
      preferences.installTries && `${preferences.installTries.tries} of ${preferences.installTries.version}`,
    quarantined: quarantined.join(', ') || undefined,
    policyFile: policyFile.type,
    policyReason: policyFile.type === 'ignored' ? 'others than the administrator could have written it' : undefined,
    policyVersions: policy.versions,
    policyChannel: policy.channel,
    policyMirror: policy.metadataUrl !== undefined || policy.mirrors !== undefined ? true : undefined,
    policyHours: policy.hours.length > 0 ? true : undefined,
    rootVersion: trust?.rootVersion,
    timestampVersion: trust?.timestampVersion,
    snapshotVersion: trust?.snapshotVersion,
    targetsVersion: trust?.targetsVersion,
    metadataExpires: trust?.expires ?? preferences.trustExpires,
    indexRevision: search?.index.revision,
    indexArch: search?.index.arch,
  };
  return omitUndefined(facts) as Readonly<Record<string, string | number | boolean>>;
}
