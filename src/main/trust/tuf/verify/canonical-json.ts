import type { JsonRecord } from '../metadata/parse-envelope.ts';
import type { YieldTimer } from '../metadata/cooperative-yield.ts';

/**
 * The bytes that TUF signs: canonical JSON (spec 4.1, http://wiki.laptop.org/go/Canonical_JSON) of the object as it
 * came, unknown members included. Linear, and in slices: other work goes on while a large role is written, whatever its
 * shape.
 * @param yieldTimer is asked after each member of every object and list
 * @throws TypeError for what has no canonical form: fractions, numbers beyond 2^53, and halves of surrogate pairs, of
 * which different ones would be written as the same bytes
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

/** Parts that are joined and encoded at a time. */
const piece = 8192;

/** An object or a list of which some members are written. */
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

/** By code point, as Python sorts; JavaScript's own order differs above U+FFFF. */
function sortedNames(value: object): readonly string[] {
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
