import { UpdateError } from '../../../shared/errors.ts';
import { addRange, type ByteRange, type ByteRanges, gaps, subtractRange } from '../byte-ranges.ts';
import { releaseBuffers } from '../../../files/release-buffers.ts';
import { decodeFrame } from './decode-frame.ts';
import type { ByteSink } from '../transfer/transfer-options.ts';
import type { PackRange, ChunkLocation } from './chunk-layout.ts';

/** A chunk that was fetched, decoded and verified. */
export interface DecodedChunk {
  readonly placed: ChunkLocation;
  readonly raw: Uint8Array;
}

/** A frame of which only some bytes have arrived. */
interface OpenFrame {
  readonly bytes: Uint8Array;
  ranges: ByteRanges;
}

/**
 * Takes pieces of a pack in any order and delivers the chunks that they complete. Each complete frame is verified at
 * once. A corrupt frame counts as not received, and `write` fails for the mirror that sent its last byte.
 */
export class PackSink implements ByteSink {
  readonly #wanted: readonly ChunkLocation[];
  readonly #deliver: (chunks: readonly DecodedChunk[]) => Promise<void>;
  readonly #partial = new Map<ChunkLocation, OpenFrame>();
  #ranges: ByteRanges;

  constructor(
    packLength: number,
    ranges: readonly PackRange[],
    deliver: (chunks: readonly DecodedChunk[]) => Promise<void>,
  ) {
    this.#wanted = ranges.flatMap((range) => range.chunks);
    this.#deliver = deliver;
    this.#ranges = gaps(
      ranges.map(({ start: at, end }) => ({ start: at, end })),
      { start: 0, end: packLength },
    );
  }

  get ranges(): ByteRanges {
    return this.#ranges;
  }

  /**
   * Delivers the valid chunks, then fails if any was corrupt. @throws UpdateError `DOWNLOAD_MISMATCH` when a frame does
   * not match its digest
   */
  async write(at: number, pieces: readonly Uint8Array[]): Promise<void> {
    const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
    if (pieces.length > 1) releaseBuffers(pieces);
    const piece = { start: at, end: at + bytes.length };
    this.#ranges = addRange(this.#ranges, piece);
    const complete = this.#framesIn(piece).flatMap((placed) => this.#complete(placed, piece, bytes) ?? []);
    const decoded = await Promise.all(complete.map(async ({ placed, frame }) => this.#decode(placed, frame)));
    const good = decoded.filter((chunk) => chunk !== undefined);
    if (good.length > 0) await this.#deliver(good);
    if (good.length < decoded.length) {
      throw new UpdateError('DOWNLOAD_MISMATCH', 'Part of the pack does not match its signed digest.');
    }
  }

  /** The needed frames that overlap `piece`. */
  #framesIn({ start: at, end }: ByteRange): readonly ChunkLocation[] {
    let low = 0;
    let high = this.#wanted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { frameAt, chunk } = this.#wanted[middle] as ChunkLocation;
      if (frameAt + chunk.frameLength <= at) low = middle + 1;
      else high = middle;
    }
    const found: ChunkLocation[] = [];
    for (let next = low; next < this.#wanted.length; next += 1) {
      const placed = this.#wanted[next] as ChunkLocation;
      if (placed.frameAt >= end) break;
      found.push(placed);
    }
    return found;
  }

  /** The whole frame, if the piece contains or completes it. */
  #complete(
    placed: ChunkLocation,
    piece: ByteRange,
    bytes: Uint8Array,
  ): { readonly placed: ChunkLocation; readonly frame: Uint8Array } | undefined {
    const { frameAt, chunk } = placed;
    const slice = { start: Math.max(0, piece.start - frameAt), end: Math.min(chunk.frameLength, piece.end - frameAt) };
    const overlap = bytes.subarray(frameAt + slice.start - piece.start, frameAt + slice.end - piece.start);
    if (overlap.length === chunk.frameLength) return { placed, frame: overlap };
    const open = this.#partial.get(placed) ?? { bytes: new Uint8Array(chunk.frameLength), ranges: [] };
    open.bytes.set(overlap, slice.start);
    open.ranges = addRange(open.ranges, slice);
    const whole = gaps(open.ranges, { start: 0, end: chunk.frameLength }).length === 0;
    if (whole) this.#partial.delete(placed);
    else this.#partial.set(placed, open);
    return whole ? { placed, frame: open.bytes } : undefined;
  }

  async #decode(placed: ChunkLocation, frame: Uint8Array): Promise<DecodedChunk | undefined> {
    const { frameAt, chunk } = placed;
    try {
      return { placed, raw: await decodeFrame(chunk, frame) };
    } catch (error) {
      if (!(error instanceof UpdateError) || error.code !== 'DOWNLOAD_MISMATCH') throw error;
      this.#ranges = subtractRange(this.#ranges, { start: frameAt, end: frameAt + chunk.frameLength });
      return undefined;
    }
  }
}
