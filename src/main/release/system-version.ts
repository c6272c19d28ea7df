/**
 * Compares a system's version with the minimum that a release needs, number by number: `10.0.22631` is at least `6.1`,
 * but `6.9` is not at least `6.10`. Missing numbers count as 0. Text after the digits (`6.1.0-13-amd64`) is ignored.
 * Returns `undefined` if the system's version has no number to compare.
 */
export function isSystemAtLeast(system: string, minimum: string): boolean | undefined {
  const [have, need] = [numbers(system), numbers(minimum)];
  if (have.length === 0 || need.length === 0) return undefined;
  for (let place = 0; place < Math.max(have.length, need.length); place += 1) {
    const difference = (have[place] ?? 0) - (need[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): readonly number[] {
  return /^\d+(\.\d+)*/.exec(version)?.[0].split('.').map(Number) ?? [];
}
