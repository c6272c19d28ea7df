import { expect, it } from 'vitest';

import { calmError } from '../../demo-app/renderer/updates/calm-error.ts';
import { channelView } from '../../demo-app/renderer/updates/channel-view.ts';
import { deferralText, heldBackText } from '../../demo-app/renderer/updates/waiting.ts';
import { errorCodes } from '../../src/shared/error-table.ts';
import type { UpdateErrorCode } from '../../src/shared/errors.ts';
import type { Deferral, HeldBack } from '../../src/shared/state.ts';

/** Words that make a person afraid of an update, or busy with it. */
const alarming = /attack|danger|security|hack|fatal|invalid|signature is/i;

it('has calm words for every error, its own for every attack', () => {
  const codes = Object.keys(errorCodes) as UpdateErrorCode[];
  const said = codes.map((code) => {
    const calm = calmError({
      code,
      phase: 'trust',
      reason: errorCodes[code].reason,
      retriable: true,
      message: 'What the room says.',
    });
    return { code, kind: errorCodes[code].reason, ...calm };
  });
  expect(said.filter(({ headline, detail }) => headline === '' || detail === '' || alarming.test(headline))).toEqual(
    [],
  );
  const untrusted = said.filter(({ kind }) => kind === 'untrusted');
  expect(untrusted.filter(({ detail, mark }) => detail.includes('room') || mark !== 'shield')).toEqual([]);
});

it('says why an update waits, and until when', () => {
  const now = new Date(2026, 10, 25, 9, 0);
  const until = new Date(2026, 10, 25, 22, 30).toISOString();
  const reasons: readonly Deferral['reason'][] = ['remind-later', 'quiet-hours', 'metered', 'battery', 'policy'];
  const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }).format(new Date(until));
  expect(reasons.map((reason) => deferralText({ reason, until }, now).replace(time, 'TIME'))).toEqual([
    'You put it off until TIME.',
    'Quiet hours until TIME. It waits, unless you go on.',
    'This network may cost by volume. It waits for another one, unless you go on.',
    'To spare the battery it waits for the power cable, unless you go on.',
    'Your organisation installs updates at other hours. It waits until TIME.',
  ]);
});

it.each<[HeldBack['reason'], RegExp]>([
  ['rollout', /on its way.*soon/],
  ['not-allowed', /organisation has not approved/],
  ['system', /newer operating system/],
  ['quarantined', /did not start on this computer/],
  ['skipped', /You skipped/],
  ['requires', /^It says so itself\.$/],
])('says why 1.2.0 is not here: %s', (reason, words) => {
  expect(heldBackText({ version: '1.2.0', reason, params: {}, message: 'It says so itself.' })).toMatch(words);
});

it('offers a way back only with the words for it, and never where the data would not be read', () => {
  const channels = { current: 'beta', offered: ['stable', 'beta'], version: '2.0.0-beta.1' };
  const release = { version: '1.0.0', channel: 'stable', releasedAt: '', notes: {}, critical: false };
  const older = { channel: 'stable', release, needsConsent: true };
  const actions = (preview: typeof older & { readonly blocked?: string }): unknown =>
    channelView({ type: 'seen', preview }, channels).actions.map(({ action }) => action);
  expect([
    actions(older),
    actions({ ...older, blocked: 'It cannot read your notes.' }),
    channelView({ type: 'settled' }, { ...channels, offered: ['beta'] }).text,
  ]).toEqual([['switch', 'go-back', 'stay'], ['switch', 'stay'], 'Your organisation chose Beta for this computer.']);
});
