import { describe, expect, it } from 'vitest';

import { decideRecovery, type RecoveryDecision, type StartFacts } from './decide-recovery.ts';
import type { InstallRecord } from '../state/install-journal.ts';

const record: InstallRecord = {
  schema: 1,
  id: 'this',
  kind: 'appimage',
  machine: 'here',
  path: '/home/Notes.AppImage',
  from: { version: '1.0.0', mark: 'old' },
  to: { version: '1.1.0', mark: 'new' },
  step: 'replaced',
  failures: 0,
  pastReturn: false,
};
const facts: StartFacts = { version: '1.1.0', machine: 'here', boot: 'now', pid: 2, runIsAlive: false };

interface Case {
  readonly record?: Partial<InstallRecord>;
  readonly facts?: Partial<StartFacts>;
}

/** A hook that looks, and the new version installed, unless a case says otherwise. */
function decide(given: Case): RecoveryDecision {
  const seen: StartFacts = { ...facts, installed: { path: '/home/Notes.AppImage', mark: 'new' }, ...given.facts };
  return decideRecovery({ ...record, ...given.record }, seen, 2);
}

describe('decideRecovery', () => {
  const run = { pid: 1, boot: 'now' };
  const back = { version: '1.0.0', installed: { path: '/home/Notes.AppImage', mark: 'old' } };

  it.each<[string, Case, object]>([
    ['the first start begins', {}, { do: 'begin', record: { step: 'started', run: { pid: 2 } } }],
    ['a second instance changes nothing', { record: { run }, facts: { runIsAlive: true } }, { do: 'nothing' }],
    [
      'an abnormal end counts',
      { record: { step: 'started', run } },
      { do: 'continue', record: { failures: 1, run: { pid: 2 } } },
    ],
    [
      'a reboot does not',
      { record: { step: 'started', run: { pid: 1, boot: 'before' } } },
      { do: 'continue', record: { failures: 0 } },
    ],
    ['the second abnormal end is the last', { record: { step: 'started', failures: 1, run } }, { do: 'roll-back' }],
    [
      'what the watcher gave up, and could not put back, is put back now',
      { facts: { verdict: 'ended with code 7' } },
      { do: 'roll-back', reason: 'Version 1.1.0 ended with code 7.' },
    ],
    [
      'what it gave up stays where data may have changed',
      { record: { pastReturn: true }, facts: { verdict: 'ended with code 3' } },
      { do: 'give-up', reason: 'Version 1.1.0 ended with code 3.', record: { step: 'stuck' } },
    ],
    [
      'a version that stays is still said to be in trouble at its next start',
      { record: { step: 'stuck', reason: 'It crashed.', pastReturn: true }, facts: { verdict: 'ended with code 3' } },
      { do: 'give-up', reason: 'It crashed.' },
    ],
    [
      'what the watcher put back is reported',
      { facts: { ...back, verdict: 'stopped responding' } },
      { do: 'report', reason: 'Version 1.1.0 stopped responding.' },
    ],
    ['an old version that was never replaced is simply there', { facts: back }, { do: 'undo' }],
    [
      'an installer that did not do its work is told of',
      { record: { step: 'handed-over' }, facts: back },
      { do: 'undo', reason: expect.stringContaining('did not replace the app') as string },
    ],
    ['another machine is nobody we know', { facts: { machine: 'there' } }, { do: 'discard' }],
    [
      'neither version is nobody we know',
      { facts: { installed: { path: '/home/Notes.AppImage', mark: 'x' } } },
      { do: 'discard' },
    ],
    ['a version that lies about itself is no update', { facts: { version: '0.9.0' } }, { do: 'mislabelled' }],
  ])('%s', (_what, given, decision) => {
    expect(decide(given)).toMatchObject(decision);
  });

  it('goes by the version that runs where nothing can be looked at', () => {
    const { path: _path, ...blind } = record;
    const from = { ...blind, step: 'handed-over' as const };
    expect([decideRecovery(from, facts, 2), decideRecovery(from, { ...facts, version: '1.0.0' }, 2)]).toMatchObject([
      { do: 'begin' },
      { do: 'undo' },
    ]);
  });
});
