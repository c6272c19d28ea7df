import { expect, it } from 'vitest';

import { storedNames } from './hand-over-client.ts';

it('finds a file of a repository under its name in a trust store', () => {
  const files = ['timestamp.json', '7.root.json', '7.snapshot.json', 'snapshot.json', '12.bins-3.json', 'targets.json'];
  expect(Object.fromEntries(files.map((file) => [file, storedNames(file)]))).toEqual({
    'timestamp.json': ['timestamp.json'],
    '7.root.json': ['7.root.json'],
    '7.snapshot.json': [expect.stringMatching(/^role\.[0-9a-f]{64}\.hashed\.json$/), 'snapshot.json'],
    'snapshot.json': ['snapshot.json'],
    '12.bins-3.json': [expect.stringMatching(/^role\.[0-9a-f]{64}\.hashed\.json$/), 'role.bins-3.json'],
    'targets.json': ['role.targets.json'],
  });
});
