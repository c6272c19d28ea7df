import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';

import { byteRate } from './flags.ts';

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
