import { patchInvalid } from '../../../shared/patch/patch-header.ts';
import { unzigzag } from '../../../shared/patch/varint.ts';
import type { ByteStream } from './byte-stream.ts';

/** One instruction: bytes of the base as they are, then bytes of the base that differ, then bytes that are new. */
export interface Step {
  /** Where its bytes of the base begin. */
  readonly basis: number;
  readonly copied: number;
  readonly differing: number;
  readonly added: number;
}

/** Steps that are decoded at once. */
const batchSize = 256;
/** The longest group of seven bits that a safe integer takes. */
const maxVarintBytes = 8;
/** Where the basis moved to, and three counts. */
const numbersInStep = 4;

/**
 * Decodes the control section batch by batch, until its steps make the whole result. Every step is checked against the
 * lengths of base and result before anybody acts on it.
 * @throws UpdateError `DOWNLOAD_PATCH_INVALID`
 */
export async function* readSteps(
  control: ByteStream,
  lengths: { readonly base: number; readonly result: number },
): AsyncGenerator<readonly Step[]> {
  let [basis, left] = [0, lengths.result];
  while (left > 0) {
    const batch: Step[] = [];
    while (batch.length < batchSize && left > 0) {
      const numbers = bufferedNumbers(control) ?? (await readNumbers(control));
      const [moved, copied, differing, added] = numbers as [number, number, number, number];
      basis += unzigzag(moved);
      const total = copied + differing + added;
      if (total === 0 || total > left) throw patchInvalid('a step leaves the result');
      if (basis < 0 || basis + copied + differing > lengths.base) throw patchInvalid('a step leaves the base');
      batch.push({ basis, copied, differing, added });
      basis += copied + differing;
      left -= total;
    }
    yield batch;
  }
}

/** The numbers of a step that stands wholly in what is buffered: nearly every one. */
function bufferedNumbers(section: ByteStream): readonly number[] | undefined {
  const bytes = section.buffered;
  const numbers: number[] = [];
  let at = 0;
  while (numbers.length < numbersInStep) {
    let value = 0;
    let scale = 1;
    let byte = 0x80;
    for (let group = 0; byte >= 0x80; group += 1) {
      if (at === bytes.length || group === maxVarintBytes) return undefined;
      byte = bytes[at++] as number;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    }
    if (!Number.isSafeInteger(value)) return undefined;
    numbers.push(value);
  }
  section.skip(at);
  return numbers;
}

async function readNumbers(section: ByteStream): Promise<readonly number[]> {
  const numbers: number[] = [];
  while (numbers.length < numbersInStep) numbers.push(await readVarint(section));
  return numbers;
}

async function readVarint(section: ByteStream): Promise<number> {
  let value = 0;
  for (let group = 0; group < maxVarintBytes; group += 1) {
    if (section.buffered.length === 0) await section.fill();
    const byte = section.buffered[0] as number;
    section.skip(1);
    value += (byte & 0x7f) * 0x80 ** group;
    if (byte < 0x80) {
      if (!Number.isSafeInteger(value)) break;
      return value;
    }
  }
  throw patchInvalid('a number is too large');
}
