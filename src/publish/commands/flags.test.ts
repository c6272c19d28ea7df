import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';

import { byteRate, count, instant, percentage, port, positiveInteger, quality } from './flags.ts';

describe('byteRate', () => {
  it.each([
    ['1', 1],
    ['500k', 500_000],
    ['2M', 2_000_000],
    [' 1.5 MB/s ', 1_500_000],
    ['1GB', 1_000_000_000],
  ])('reads %s', (text, rate) => {
    expect(byteRate(text)).toBe(rate);
  });

  it.each(['', '0', '0.1', '-5', '2T', 'fast', '1e6', '5 0k'])('refuses %s', (text) => {
    expect(() => byteRate(text)).toThrow(InvalidArgumentError);
  });
});

describe('values that JavaScript would read as something else', () => {
  it.each<[string, (text: string) => unknown, string]>([
    ['an empty share', percentage, ''],
    ['a hexadecimal share', percentage, '0x10'],
    ['a share in powers', percentage, '1e1'],
    ['three decimals', percentage, '1.125'],
    ['an empty number', count, ''],
    ['a number in blanks', count, ' 3'],
    ['a hexadecimal count', count, '0x3'],
    ['a count with a fraction', count, '1.0'],
    ['none', positiveInteger, '0'],
    ['an empty quality', quality, ''],
    ['a port above 65535', port, '65536'],
    ['a digit as a date', instant, '5'],
    ['a time without zone', instant, '2026-12-01T08:00:00'],
    ['a day that is none', instant, '2026-02-31'],
    ['a month that is none', instant, '2026-13-01T08:00:00Z'],
    ['words', instant, 'next Monday'],
  ])('are refused: %s', (_what, read, text) => {
    expect(() => read(text)).toThrow(InvalidArgumentError);
  });

  it('are read if they are plain', () => {
    expect({
      share: percentage('12.5 %'),
      all: percentage('100'),
      none: count('0'),
      port: port('65535'),
      date: instant('2026-12-01'),
      time: instant('2026-12-01T08:00+02:00'),
    }).toEqual({
      share: 1250,
      all: 10_000,
      none: 0,
      port: 65_535,
      date: '2026-12-01T00:00:00.000Z',
      time: '2026-12-01T06:00:00.000Z',
    });
  });
});
