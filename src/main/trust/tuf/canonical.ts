import type { JsonRecord } from './admission.ts';
import { giveWay, type Pace } from './pace.ts';

/**
 * The bytes that TUF signs: canonical JSON (spec 4.1, http://wiki.laptop.org/go/Canonical_JSON) of the object as it
 * came, unknown members included. Linear, and in slices: other work goes on while a large role is written.
 * @throws TypeError for fractions and numbers beyond 2^53, which have no canonical form
 */
export async function canonicalBytes(signed: JsonRecord, pace: Pace): Promise<Buffer> {
  const parts: string[] = [];
  await writeInSlices(signed, parts, pace, 2);
  const text = parts.join('');
  await giveWay(text);
  return Buffer.from(text);
}

/** The members of the outer two levels one by one; `targets` and `meta` have their thousands there. */
async function writeInSlices(value: JsonRecord, parts: string[], pace: Pace, levels: number): Promise<void> {
  let before = '{';
  for (const name of sortedNames(value)) {
    parts.push(before, quoted(name), ':');
    before = ',';
    const member = value[name];
    if (levels > 1 && typeof member === 'object' && member !== null && !Array.isArray(member)) {
      await writeInSlices(member as JsonRecord, parts, pace, levels - 1);
    } else parts.push(written(member));
    if (pace.isDue()) await pace.rest();
  }
  parts.push(before === '{' ? '{}' : '}');
}

function written(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('it has a number that is not a whole one');
    return String(value);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  const record = value as JsonRecord;
  return `{${sortedNames(record)
    .map((name) => `${quoted(name)}:${written(record[name])}`)
    .join(',')}}`;
}

/** By code point, as Python sorts; JavaScript's own order differs above U+FFFF. */
function sortedNames(value: JsonRecord): readonly string[] {
  const names = Object.keys(value);
  return names.some((name) => surrogate.test(name)) ? names.sort(byCodePoint) : names.sort();
}

const surrogate = /[\ud800-\udfff]/;

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Only the quote and the backslash are escaped. */
function quoted(text: string): string {
  return special.test(text) ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${text}"`;
}

const special = /["\\]/;
