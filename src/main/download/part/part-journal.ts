import * as v from 'valibot';

import type { ByteRange } from '../byte-ranges.ts';

/** The file that a part is to become. A journal with another identity belongs to another file. */
export interface PartIdentity {
  readonly length: number;
  readonly hashName: HashName;
  /** Lower-case hex. */
  readonly digest: string;
}

export type HashName = 'sha256' | 'sha512';

/** A server that served bytes of the part, and the strong validator of those bytes (RFC 9110, 8.8.1). */
export interface PartSource {
  /** Base URL, without user name and password. */
  readonly url: string;
  readonly validator?: string;
}

/**
 * Bytes that were written to the part, with a checksum that detects disk errors and crashes. Only the final hash
 * decides on trust.
 */
export interface PartBlock extends ByteRange {
  readonly crc32: number;
  /** Index into the sources, in the order in which the journal lists them. */
  readonly source: number;
}

/** The longest block, in bytes. */
export const maxBlockBytes: number = 1024 * 1024;

export interface PartJournal {
  readonly sources: readonly PartSource[];
  readonly blocks: readonly PartBlock[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const headSchema = v.object({ part: v.literal(1), length: count, hash: v.string() });
const sourceSchema = v.object({ url: v.string(), validator: v.exactOptional(v.string()) });
/** On disk, the start of a block is called `at`. */
const blockSchema = v.pipe(
  v.object({ at: count, end: count, crc32: count, source: count }),
  v.transform(({ at: start, ...rest }): PartBlock => ({ start, ...rest })),
);
const lineSchema = v.union([blockSchema, sourceSchema]);

/** The whole journal: one JSON object per line, so that a crash can tear only the last line. */
export function formatJournal(identity: PartIdentity, journal: PartJournal): string {
  const head = formatLine({ part: 1, length: identity.length, hash: hashOf(identity) });
  return [head, ...journal.sources.map(formatSource), ...journal.blocks.map(formatBlock)].join('');
}

/** The line that adds a source. */
export function formatSource(source: PartSource): string {
  return formatLine(source);
}

/** The line that adds a block. */
export function formatBlock({ start: at, end, crc32, source }: PartBlock): string {
  return formatLine({ at, end, crc32, source });
}

function formatLine(entry: object): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * Reads a journal that a crash may have torn or a disk may have damaged. Returns the entries before the first invalid
 * line, or `undefined` if the journal belongs to another file.
 */
export function parseJournal(text: string, identity: PartIdentity): PartJournal | undefined {
  const [first = '', ...rest] = text.split('\n');
  const head = v.safeParse(headSchema, parseLine(first));
  if (!head.success || head.output.length !== identity.length || head.output.hash !== hashOf(identity))
    return undefined;
  const sources: PartSource[] = [];
  const blocks: PartBlock[] = [];
  for (const line of rest) {
    const entry = v.safeParse(lineSchema, parseLine(line));
    if (!entry.success) break;
    if ('url' in entry.output) sources.push(entry.output);
    else if (isValidBlock(entry.output, identity, sources)) blocks.push(entry.output);
  }
  return { sources, blocks };
}

function hashOf(identity: PartIdentity): string {
  return `${identity.hashName}:${identity.digest}`;
}

function isValidBlock(block: PartBlock, identity: PartIdentity, sources: readonly PartSource[]): boolean {
  const fitting = block.start < block.end && block.end <= identity.length && block.end - block.start <= maxBlockBytes;
  return fitting && block.source < sources.length;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
