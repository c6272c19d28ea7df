import { patchInvalid } from '../../../../shared/patch/patch-header.ts';
import type { PatchStep } from '../../../../shared/patch/patch-step.ts';
import { unzigzag } from '../../../../shared/patch/varint.ts';
import type { ByteStream } from './byte-stream.ts';

/** Steps per batch. */
const batchSize = 256;
/** The most groups of seven bits that a safe integer needs. */
const maxVarintBytes = 8;
/** The change of position in the base, and three counts. */
const numbersInStep = 4;

/**
 * Decodes the control section in batches, until its steps make up the whole result. Every step is checked against the
 * lengths of base and result before it is yielded.
 * @throws UpdateError `DOWNLOAD_PATCH_INVALID`
 */
export async function* decodeSteps(
  control: ByteStream,
  lengths: { readonly base: number; readonly result: number },
): AsyncGenerator<readonly PatchStep[]> {
  let [base, left] = [0, lengths.result];
  while (left > 0) {
    const batch: PatchStep[] = [];
    while (batch.length < batchSize && left > 0) {
      const numbers = takeNumbers(control) ?? (await gatherNumbers(control));
      const [moved, copied, differing, extra] = numbers as [number, number, number, number];
      base += unzigzag(moved);
      const total = copied + differing + extra;
      if (total === 0 || total > left) throw patchInvalid('a step leaves the result');
      if (base < 0 || base + copied + differing > lengths.base) throw patchInvalid('a step leaves the base');
      batch.push({ base, copied, differing, extra });
      base += copied + differing;
      left -= total;
    }
    yield batch;
  }
}

/**
 * Takes the numbers of one step. `begun` holds its first bytes if an earlier piece of the section had them. Returns
 * `undefined` and takes nothing while some of the step's bytes are missing.
 */
function takeNumbers(section: ByteStream, begun = nothing): readonly number[] | undefined {
  const bytes = begun.length === 0 ? section.buffered : Buffer.concat([begun, section.buffered]);
  const numbers: number[] = [];
  let at = 0;
  while (numbers.length < numbersInStep) {
    let value = 0;
    let byte = 0x80;
    for (let group = 0; byte >= 0x80; group += 1) {
      if (group === maxVarintBytes) throw tooLarge();
      if (at === bytes.length) return undefined;
      byte = bytes[at++] as number;
      value += (byte & 0x7f) * 0x80 ** group;
    }
    if (!Number.isSafeInteger(value)) throw tooLarge();
    numbers.push(value);
  }
  section.skip(at - begun.length);
  return numbers;
}

/** Takes the numbers of a step that spans several pieces of the section. */
async function gatherNumbers(section: ByteStream): Promise<readonly number[]> {
  let begun = nothing;
  for (;;) {
    begun = Buffer.concat([begun, section.buffered]);
    section.skip(section.buffered.length);
    await section.fill();
    const numbers = takeNumbers(section, begun);
    if (numbers !== undefined) return numbers;
  }
}

const nothing: Uint8Array = new Uint8Array();

function tooLarge(): Error {
  return patchInvalid('a number is too large');
}
