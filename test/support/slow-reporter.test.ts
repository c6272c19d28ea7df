import { expect, it } from 'vitest';

import { untaggedLines } from './slow-reporter.ts';

it('names each file that takes long and lacks the tag', () => {
  const lines = untaggedLines([
    { file: 'test/quick.test.ts', seconds: 14.9, isTagged: false },
    { file: 'test/tagged.test.ts', seconds: 150, isTagged: true },
    { file: 'test/new.test.ts', seconds: 15.14, isTagged: false },
  ]);
  expect(lines).toEqual([
    'slow: test/new.test.ts took 15.1 s, more than 15 s. Make it faster, or let its first line be "// @module-tag slow".',
  ]);
});
