import { UpdateError } from '../../../shared/errors.ts';

/** A part of the day in local time, in minutes since midnight. It may extend past midnight. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

const minuteMs = 60_000;
const pattern = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)$/;

/** Parses texts such as `22:00-06:30`. @throws UpdateError `OPTIONS_INVALID` */
export function parseHours(texts: readonly string[], what: string): readonly TimeWindow[] {
  return texts.map((text) => {
    const [, fromHour, fromMinute, toHour, toMinute] = (pattern.exec(text) ?? []).map(Number);
    const [from, to] = [Number(fromHour) * 60 + Number(fromMinute), Number(toHour) * 60 + Number(toMinute)];
    if (Number.isNaN(from) || Number.isNaN(to) || to > 24 * 60 || from === to) {
      throw new UpdateError('OPTIONS_INVALID', `${what}: ${JSON.stringify(text)} is not written like "22:00-06:30".`);
    }
    return { from, to };
  });
}

/** True if this time (milliseconds since the epoch) is in one of the windows. The end is not part of a window. */
export function isWithin(hours: readonly TimeWindow[], now: number): boolean {
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  return hours.some(({ from, to }) => (from < to ? minute >= from && minute < to : minute >= from || minute < to));
}

/**
 * The next full minute within two days at which the result of {@link isWithin} changes; `undefined` if it does not.
 * Tries each minute of local time, so that it is also right when daylight saving time starts or ends.
 */
export function nextChange(hours: readonly TimeWindow[], now: number): number | undefined {
  const before = isWithin(hours, now);
  const start = Math.floor(now / minuteMs) * minuteMs;
  for (let minute = 1; minute <= 2 * 24 * 60; minute += 1) {
    const at = start + minute * minuteMs;
    if (isWithin(hours, at) !== before) return at;
  }
  return undefined;
}
