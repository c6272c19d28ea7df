import { expect, it } from 'vitest';

import { indexOf, releaseOf } from '../../../test/support/release-index.ts';
import { describeReach } from './describe-reach.ts';

const newer = releaseOf('2.0.0');

it.each([
  ['an older release', indexOf([newer, releaseOf('1.0.0')]), [expect.stringMatching(/^1\.0\.0 is older than 2\.0\.0/)]],
  ['the newest release', indexOf([releaseOf('1.0.0'), releaseOf('0.9.0')]), []],
  ['a release below a withdrawn one', indexOf([releaseOf('2.0.0', { withdrawn: true }), releaseOf('1.0.0')]), []],
  ['a rollback', indexOf([newer, releaseOf('1.0.0', { replaces: '2.0.0' })]), []],
  [
    'a rollback of a version that is not listed',
    indexOf([newer, releaseOf('1.0.0', { replaces: '2.0.1' })]),
    [expect.stringMatching(/"2\.0\.1" names no version that stable linux-x64 lists/)],
  ],
  ['the first release of the usual channel', indexOf([releaseOf('1.0.0')]), []],
  [
    'the first release of another channel',
    indexOf([releaseOf('1.0.0')], { channel: 'btea' }),
    [expect.stringMatching(/only release of btea linux-x64/)],
  ],
])('tells whom a release does not reach: %s', (_what, index, texts) => {
  expect(describeReach(index, '1.0.0', 'stable')).toEqual(texts);
});
