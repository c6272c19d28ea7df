/** Formats sizes, times and dates in the language of the window. */
const language = navigator.language;

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(language, { style: 'percent' });
const time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
const dayAndTime = new Intl.DateTimeFormat(language, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  hour: 'numeric',
  minute: '2-digit',
});

const units = ['bytes', 'kB', 'MB', 'GB'];

/** Uses decimal units, as file managers and stores do. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 1 && value < 100 ? precise.format(value) : whole.format(value)}\u00a0${units[unit]}`;
}

export function formatPercent(fraction: number): string {
  return percent.format(fraction);
}

export function formatSecondsLeft(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  if (seconds < 1.5) return '1 second';
  if (seconds < 60) return `${Math.round(seconds)} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

/** `10:24` today, `4 Nov` before. */
export function formatWhen(instant: Date, now: Date): string {
  return instant.toDateString() === now.toDateString() ? time.format(instant) : day.format(instant);
}

/** `10:24` today, `4 Nov, 10:24` otherwise. */
export function formatMoment(instant: Date, now: Date): string {
  const isToday = instant.toDateString() === now.toDateString();
  return isToday ? time.format(instant) : `${day.format(instant)}, ${time.format(instant)}`;
}

export function formatFull(instant: Date): string {
  return dayAndTime.format(instant);
}
