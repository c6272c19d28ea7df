import { describe, expect, it } from 'vitest';

import { installerArguments, quoteArgument } from './command-line.ts';

describe('the command line of an installer', () => {
  it('names the folder last and unquoted', () => {
    const directory = String.raw`C:\Program Files\My Notes`;
    expect({
      silent: installerArguments({ silent: true, start: true, directory }).join(' '),
      plain: installerArguments({ silent: false, start: false, directory }).join(' '),
    }).toEqual({
      silent: String.raw`--updated /S --force-run /D=C:\Program Files\My Notes`,
      plain: String.raw`--updated /D=C:\Program Files\My Notes`,
    });
  });

  it.each([
    ['plain', '"plain"'],
    ['with space', '"with space"'],
    ['50 %TEMP% `x` $(y)', '"50 %TEMP% `x` $(y)"'],
    ['C:\\folder\\', '"C:\\folder\\\\"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['back\\"slash', '"back\\\\\\"slash"'],
  ])('quotes %j', (value, quoted) => {
    expect(quoteArgument(value)).toBe(quoted);
  });
});
