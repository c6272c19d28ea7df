import { UpdateError } from '../../../shared/errors.ts';
import { addExtent, type Extent, type Extents, missingIn, removeExtent } from '../byte-ranges.ts';
import { giveBack } from '../../../files/release-buffers.ts';
import { openFrame } from './decode-frame.ts';
import type { Sink } from '../transfer/transfer-options.ts';
import type { PackRange, PlacedChunk } from './chunk-layout.ts';

/** A chunk that was fetched, opened and found right. */
export interface OpenedChunk {
  readonly placed: PlacedChunk;
  readonly raw: Uint8Array;
}

/** A frame of which only a part is here yet. */
interface OpenFrame {
  readonly bytes: Uint8Array;
  extents: Extents;
}

/**
 * Takes stretches of a pack as they come, in any order and cut anywhere, and hands on the chunks that they complete. Each
 * frame is verified at once; a bad one counts as not received, and whoever gave its last byte is told.
 */
export class PackSink implements Sink {
  readonly #wanted: readonly PlacedChunk[];
  readonly #deliver: (chunks: readonly OpenedChunk[]) => Promise<void>;
  readonly #partial = new Map<PlacedChunk, OpenFrame>();
  #extents: Extents;

  constructor(
    packLength: number,
    ranges: readonly PackRange[],
    deliver: (chunks: readonly OpenedChunk[]) => Promise<void>,
  ) {
    this.#wanted = ranges.flatMap((range) => range.chunks);
    this.#deliver = deliver;
    this.#extents = missingIn(
      ranges.map(({ at, end }) => ({ at, end })),
      { at: 0, end: packLength },
    );
  }

  get extents(): Extents {
    return this.#extents;
  }

  /** @throws UpdateError `DOWNLOAD_MISMATCH` when a frame is not the signed one, after the good ones were handed on */
  async write(at: number, pieces: readonly Uint8Array[]): Promise<void> {
    const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
    if (pieces.length > 1) giveBack(pieces);
    const piece = { at, end: at + bytes.length };
    this.#extents = addExtent(this.#extents, piece);
    const complete = this.#framesIn(piece).flatMap((placed) => this.#complete(placed, piece, bytes) ?? []);
    const opened = await Promise.all(complete.map(async ({ placed, frame }) => this.#open(placed, frame)));
    const good = opened.filter((one) => one !== undefined);
    if (good.length > 0) await this.#deliver(good);
    if (good.length < opened.length) {
      throw new UpdateError('DOWNLOAD_MISMATCH', 'A part of the pack is not the one that was signed.');
    }
  }

  /** The wanted frames that overlap a piece. */
  #framesIn({ at, end }: Extent): readonly PlacedChunk[] {
    let low = 0;
    let high = this.#wanted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { frameAt, chunk } = this.#wanted[middle] as PlacedChunk;
      if (frameAt + chunk.frameLength <= at) low = middle + 1;
      else high = middle;
    }
    const found: PlacedChunk[] = [];
    for (let next = low; next < this.#wanted.length; next += 1) {
      const placed = this.#wanted[next] as PlacedChunk;
      if (placed.frameAt >= end) break;
      found.push(placed);
    }
    return found;
  }

  /** The whole frame, if the piece holds or completes it. */
  #complete(
    placed: PlacedChunk,
    piece: Extent,
    bytes: Uint8Array,
  ): { readonly placed: PlacedChunk; readonly frame: Uint8Array } | undefined {
    const { frameAt, chunk } = placed;
    const slice = { at: Math.max(0, piece.at - frameAt), end: Math.min(chunk.frameLength, piece.end - frameAt) };
    const given = bytes.subarray(frameAt + slice.at - piece.at, frameAt + slice.end - piece.at);
    if (given.length === chunk.frameLength) return { placed, frame: given };
    const open = this.#partial.get(placed) ?? { bytes: new Uint8Array(chunk.frameLength), extents: [] };
    open.bytes.set(given, slice.at);
    open.extents = addExtent(open.extents, slice);
    const whole = missingIn(open.extents, { at: 0, end: chunk.frameLength }).length === 0;
    if (whole) this.#partial.delete(placed);
    else this.#partial.set(placed, open);
    return whole ? { placed, frame: open.bytes } : undefined;
  }

  async #open(placed: PlacedChunk, frame: Uint8Array): Promise<OpenedChunk | undefined> {
    const { frameAt, chunk } = placed;
    try {
      return { placed, raw: await openFrame(chunk, frame) };
    } catch (error) {
      if (!(error instanceof UpdateError) || error.code !== 'DOWNLOAD_MISMATCH') throw error;
      this.#extents = removeExtent(this.#extents, { at: frameAt, end: frameAt + chunk.frameLength });
      return undefined;
    }
  }
}
