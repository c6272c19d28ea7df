import { describe, expect, it } from 'vitest';

import { isPublisher, parseDistinguishedName } from './distinguished-name.ts';

const subject = 'CN="Example, Inc.", O="Example ""Software"" AG", L=Zürich, C=CH';

describe('the name in a Windows signature', () => {
  it('is read attribute by attribute', () => {
    expect([...parseDistinguishedName(subject)]).toEqual([
      ['CN', 'Example, Inc.'],
      ['O', 'Example "Software" AG'],
      ['L', 'Zürich'],
      ['C', 'CH'],
    ]);
  });

  it.each<[string, string, boolean]>([
    ['the common name', 'Example, Inc.', true],
    ['the whole name', subject, true],
    ['some attributes', 'CN="Example, Inc.", C=CH', true],
    ['a part of the common name', 'Example', false],
    ['another country', 'CN="Example, Inc.", C=DE', false],
    ['another organisation', 'O=Example', false],
    ['nothing', '', false],
  ])('matches %s: %j → %s', (_what, publisher, matches) => {
    expect(isPublisher(subject, [publisher])).toBe(matches);
  });

  it.each(['', 'garbage', 'CN=a, garbage', 'CN="open', '=x', 'CN=a,, O=b'])(
    'returns no attributes of a malformed name: %j',
    (text) => {
      expect([...parseDistinguishedName(text)]).toEqual([]);
    },
  );

  it('never matches an empty subject', () => {
    expect(isPublisher('', ['Example', 'CN=Example', ''])).toBe(false);
  });
});
