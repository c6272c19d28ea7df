import { describe, expect, it } from 'vitest';

import { isWithin, nextChange, parseHours } from './time-windows.ts';

/** Local time on an ordinary day. */
const at = (hour: number, minute = 0): number => new Date(2026, 5, 10, hour, minute, 30).getTime();
const clock = (time: number | undefined): string =>
  time === undefined ? 'never' : new Date(time).toTimeString().slice(0, 5);

describe('hours', () => {
  it('are within a day or over midnight; the end is not within', () => {
    const day = parseHours(['09:00-17:30'], 'hours');
    const night = parseHours(['22:00-06:30'], 'hours');
    const both = parseHours(['00:00-01:00', '23:00-24:00'], 'hours');
    const within = (hours: typeof day) => [0, 6, 7, 9, 17, 18, 22, 23].filter((hour) => isWithin(hours, at(hour)));
    expect({ day: within(day), endOfDay: isWithin(day, at(17, 30)), night: within(night), both: within(both) }).toEqual(
      { day: [9, 17], endOfDay: false, night: [0, 6, 22, 23], both: [0, 23] },
    );
  });

  it('change at the next full minute that answers otherwise', () => {
    const night = parseHours(['22:00-06:30'], 'hours');
    const always = parseHours(['00:00-24:00'], 'hours');
    expect([at(12), at(23), at(6, 29)].map((time) => clock(nextChange(night, time)))).toEqual([
      '22:00',
      '06:30',
      '06:30',
    ]);
    expect({ always: nextChange(always, at(12)), never: nextChange([], at(12)) }).toEqual({
      always: undefined,
      never: undefined,
    });
  });

  it.each(['9-17', '25:00-26:00', '09:00-09:00', '09:00-24:30', '', '09:00 - 17:00'])('refuse %j', (text) => {
    expect(() => parseHours([text], 'quietHours')).toThrow(
      `quietHours: ${JSON.stringify(text)} is not written like "22:00-06:30".`,
    );
  });
});
