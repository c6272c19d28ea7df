import { attentionState, disabledState } from '../support/states.ts';
import { errorCodes } from '../../src/shared/error-table.ts';
import type { UpdateErrorData } from '../../src/shared/errors.ts';
import type {
  ChannelPreview,
  DiagnosticReport,
  HistoryEntry,
  ReleaseSummary,
  UpdateState,
} from '../../src/shared/state.ts';

const release: ReleaseSummary = {
  version: '1.1.0',
  channel: 'stable',
  releasedAt: '2026-11-24T09:00:00Z',
  critical: false,
  notes: {
    en: `# Calmer and quicker

- **Search** looks through whole notes now
- Typing in long notes is *twice as fast*
- Press \`Ctrl N\` for a new note

## Repaired

- The list no longer jumps while you write`,
  },
};

/** A release whose version comes from a build server and whose notes are very long. */
const endless: ReleaseSummary = {
  ...release,
  version: '2026.11.25-nightly.20261125T093000Z.g5f1e0c9ab73d2',
  notes: {
    en: Array.from(
      { length: 30 },
      (_, line) =>
        `- Change ${line + 1} of many, with a_very_long_identifier_that_nobody_broke_into_parts_${'x'.repeat(line)}`,
    ).join('\n'),
  },
};

const progress = {
  phase: 'download',
  received: 31_400_000,
  total: 84_900_000,
  saved: 22_700_000,
  bytesPerSecond: 6_830_000,
  etaSeconds: 8,
} as const;

const lastCheck = new Date().toISOString();
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const sizes = { downloadSize: 9_300_000, fullSize: 84_900_000 };

/** All states that a person can see, including rare ones, by the name of the picture. */
export const statesToShow: Readonly<Record<string, UpdateState>> = {
  'not-checked': { type: 'idle' },
  'up-to-date': { type: 'idle', lastCheck },
  checking: { type: 'checking' },
  available: { type: 'available', release, ...sizes },
  critical: { type: 'available', release: { ...release, critical: true }, ...sizes },
  'back-as-asked': { type: 'available', release: { ...release, version: '0.9.0', step: 'downgrade' }, ...sizes },
  'back-by-publisher': { type: 'available', release: { ...release, version: '0.9.0', step: 'rollback' }, ...sizes },
  endless: { type: 'available', release: endless, ...sizes },
  'put-off': { type: 'available', release, ...sizes, deferred: { reason: 'remind-later', until: tomorrow } },
  'quiet-hours': { type: 'available', release, ...sizes, deferred: { reason: 'quiet-hours', until: tomorrow } },
  metered: { type: 'available', release, ...sizes, deferred: { reason: 'metered' } },
  battery: { type: 'available', release, ...sizes, deferred: { reason: 'battery' } },
  'organisation-hours': { type: 'available', release, ...sizes, deferred: { reason: 'policy', until: tomorrow } },
  downloading: { type: 'downloading', release, progress },
  paused: { type: 'paused', release, progress, reason: 'user' },
  'paused-offline': { type: 'paused', release, progress, reason: 'offline' },
  verifying: { type: 'verifying', release },
  staged: { type: 'staged', release, installAt: 'quit' },
  installing: { type: 'installing', release },
  offline: {
    type: 'idle',
    lastCheck,
    lastError: failure('TRUST_OFFLINE', 'trust', 'The update repository cannot be reached.'),
  },
  refused: {
    type: 'available',
    release,
    ...sizes,
    lastError: failure('DOWNLOAD_MISMATCH', 'download', 'What was received is not what the publisher signed.'),
  },
  forged: {
    type: 'idle',
    lastCheck,
    lastError: failure('TRUST_PUBLISHER_UNSIGNED', 'trust', 'The release index is signed by 0 of 1 publisher keys.'),
  },
  stale: { type: 'stale', since: '2026-11-14T09:00:00Z', lastError: failure('TRUST_EXPIRED', 'trust', 'Expired.') },
  'in-need-of-attention': {
    ...attentionState(
      { reason: 'fixed-place', remedy: 'move-app', params: {} },
      failure('INSTALL_READ_ONLY', 'install', 'The AppImage is read-only.'),
    ),
    release,
  },
  'rolled-back': {
    type: 'rolled-back',
    from: '1.1.0',
    to: '1.0.0',
    reason: 'It ended before it had shown a window.',
  },
  'trouble-starting': {
    type: 'idle',
    lastError: failure('INSTALL_UNHEALTHY', 'install', 'Version 1.1.0 ended with code 3.'),
  },
  'managed-by-store': disabledState('managed-by-store', { reason: 'managed-by-store', params: { store: 'Flatpak' } }),
  'managed-by-organisation': disabledState('policy'),
};

export const historyToShow: readonly HistoryEntry[] = [
  { result: 'installed', from: '0.9.2', to: '1.0.0', at: '2026-11-20T10:24:00Z' },
  {
    result: 'rolled-back',
    from: '0.9.3',
    to: '0.9.2',
    at: '2026-11-12T08:02:00Z',
    reason: 'It ended before it had shown a window.',
  },
  { result: 'installed', from: '0.9.1', to: '0.9.2', at: '2026-10-30T17:45:00Z' },
];

export const reportToShow: DiagnosticReport = {
  summary: '1.0.0 is not offered an update; the reasons are below.',
  releases: ['1.1.0 is being rolled out to 10 % of installations, not yet to this one.'],
  heldBack: {
    version: '1.1.0',
    reason: 'rollout',
    params: { share: '10 %' },
    message: '1.1.0 is being rolled out to 10 % of installations.',
  },
  facts: {},
  text: `1.0.0 is not offered an update; the reasons are below.
- 1.1.0 is being rolled out to 10 % of installations, not yet to this one.

app: org.example.notes
version: 1.0.0
state: idle
channel: stable
platform: linux-x64
installation: appimage
metadataExpires: 2026-11-26T09:00:00Z
`,
};

/** The possible results of a preview of the beta channel. */
export const previewsToShow: Readonly<Record<string, ChannelPreview | UpdateErrorData>> = {
  newer: { channel: 'beta', release: { ...release, version: '1.3.0-beta.2' }, needsConsent: false },
  nothing: { channel: 'beta', needsConsent: false },
  older: { channel: 'beta', release: { ...release, version: '0.9.0-beta.7' }, needsConsent: true },
  blocked: {
    channel: 'beta',
    release: { ...release, version: '0.9.0-beta.7' },
    needsConsent: true,
    blocked: '0.9.0-beta.7 cannot read the data of 1.0.0.',
  },
  unseen: failure('TRUST_OFFLINE', 'trust', 'The update repository cannot be reached.'),
};

function failure(code: UpdateErrorData['code'], phase: UpdateErrorData['phase'], message: string): UpdateErrorData {
  return { code, phase, retriable: true, reason: errorCodes[code].reason, message };
}
