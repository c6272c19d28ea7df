import { describe, expect, it } from 'vitest';

import { barWidth } from './progress.ts';

describe('barWidth', () => {
  it('leaves room for the rate and the remaining time', () => {
    const widths = [120, 80, 60, 20].map((columns) => barWidth(columns, 'Downloading'));
    expect(widths).toEqual([24, 19, 4, 4]);
  });
});
