import type { JsonRecord } from '../metadata/parse-envelope.ts';
import type { YieldTimer } from '../metadata/cooperative-yield.ts';

/**
 * The bytes that TUF signs: canonical JSON (spec 4.1, http://wiki.laptop.org/go/Canonical_JSON) of the object as
 * received, including unknown members. Runs in linear time and yields regularly, so that other work continues while a
 * large role of any shape is encoded.
 * @param yieldTimer asked after each member of every object and list
 * @throws TypeError for values without a canonical form: fractions, numbers beyond 2^53, and unpaired surrogates,
 * because different ones would be encoded as the same bytes
 */
export async function encodeCanonicalJson(signed: JsonRecord, yieldTimer: YieldTimer): Promise<Buffer> {
  const done: Buffer[] = [];
  const parts: string[] = ['{'];
  const open: Container[] = [containerOf(signed)];
  for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
    const at = inner.written++;
    if (at === inner.size) {
      parts.push(inner.names === undefined ? ']' : '}');
      open.pop();
      continue;
    }
    const name = inner.names?.[at];
    parts.push(at === 0 ? '' : ',', name === undefined ? '' : `${quoted(name)}:`);
    const member = inner.members[name ?? at];
    if (typeof member === 'object' && member !== null) {
      open.push(containerOf(member));
      parts.push(Array.isArray(member) ? '[' : '{');
    } else parts.push(scalar(member));
    if (parts.length > piece) done.push(encoded(parts.splice(0)));
    if (yieldTimer.shouldYield()) await yieldTimer.yieldNow();
  }
  return Buffer.concat([...done, encoded(parts)]);
}

/** Parts that are joined and encoded together. */
const piece = 8192;

/** An object or list that is partly written. */
interface Container {
  readonly members: Readonly<Record<string | number, unknown>>;
  /** `undefined` for a list. */
  readonly names: readonly string[] | undefined;
  readonly size: number;
  written: number;
}

function containerOf(members: object): Container {
  if (Array.isArray(members)) return { members: members as never, names: undefined, size: members.length, written: 0 };
  const names = sortedNames(members);
  return { members: members as JsonRecord, names, size: names.length, written: 0 };
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('it has a number that is not a whole one');
  }
  return String(value);
}

function encoded(parts: readonly string[]): Buffer {
  const text = parts.join('');
  if (!text.isWellFormed()) throw new TypeError('it has text that is not Unicode');
  return Buffer.from(text);
}

/** Sorts by code point, as Python does. JavaScript's own order differs above U+FFFF. */
function sortedNames(value: object): readonly string[] {
  const names = Object.keys(value);
  return names.some((name) => surrogate.test(name)) ? names.sort(byCodePoint) : names.sort();
}

const surrogate = /[\ud800-\udfff]/;

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Escapes only the quote and the backslash. */
function quoted(text: string): string {
  return special.test(text) ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `"${text}"`;
}

const special = /["\\]/;
