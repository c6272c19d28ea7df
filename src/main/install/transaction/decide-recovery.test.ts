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
    ['starts watching at the first start', {}, { do: 'begin', record: { step: 'started', run: { pid: 2 } } }],
    ['changes nothing for a second instance', { record: { run }, facts: { runIsAlive: true } }, { do: 'nothing' }],
    [
      'counts an abnormal end',
      { record: { step: 'started', run } },
      { do: 'continue', record: { failures: 1, run: { pid: 2 } } },
    ],
    [
      'does not count a reboot',
      { record: { step: 'started', run: { pid: 1, boot: 'before' } } },
      { do: 'continue', record: { failures: 0 } },
    ],
    [
      'rolls back after the second abnormal end',
      { record: { step: 'started', failures: 1, run } },
      { do: 'roll-back' },
    ],
    [
      'rolls back a version that the watchdog gave up and could not restore',
      { facts: { verdict: 'ended with code 7' } },
      { do: 'roll-back', reason: 'Version 1.1.0 ended with code 7.' },
    ],
    [
      'keeps a version that the watchdog gave up if data may have changed',
      { record: { pastReturn: true }, facts: { verdict: 'ended with code 3' } },
      { do: 'give-up', reason: 'Version 1.1.0 ended with code 3.', record: { step: 'stuck' } },
    ],
    [
      'reports a version that keeps failing at each start',
      { record: { step: 'stuck', reason: 'It crashed.', pastReturn: true }, facts: { verdict: 'ended with code 3' } },
      { do: 'give-up', reason: 'It crashed.' },
    ],
    [
      'reports what the watchdog restored',
      { facts: { ...back, verdict: 'stopped responding' } },
      { do: 'report', reason: 'Version 1.1.0 stopped responding.' },
    ],
    ['undoes an install that never replaced the app', { facts: back }, { do: 'undo' }],
    [
      'reports an installer that did not replace the app',
      { record: { step: 'handed-over' }, facts: back },
      { do: 'undo', reason: expect.stringContaining('did not replace the app') as string },
    ],
    ['discards the journal of another machine', { facts: { machine: 'there' } }, { do: 'discard' }],
    [
      'discards the journal if neither version is installed',
      { facts: { installed: { path: '/home/Notes.AppImage', mark: 'x' } } },
      { do: 'discard' },
    ],
    ['refuses a version that reports another version number', { facts: { version: '0.9.0' } }, { do: 'mislabelled' }],
  ])('%s', (_what, given, decision) => {
    expect(decide(given)).toMatchObject(decision);
  });

  it('uses the running version if the installed app cannot be inspected', () => {
    const { path: _path, ...blind } = record;
    const from = { ...blind, step: 'handed-over' as const };
    expect({
      newRuns: decideRecovery(from, facts, 2),
      oldRuns: decideRecovery(from, { ...facts, version: '1.0.0' }, 2),
    }).toMatchObject({ newRuns: { do: 'begin' }, oldRuns: { do: 'undo' } });
  });
});
