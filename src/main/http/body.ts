import { UpdateError } from '../../shared/errors.ts';

/** The active connection of one request. */
export interface Connection {
  pause(): void;
  resume(): void;
  /** Closes the connection. Nothing arrives afterwards. Idempotent. */
  close(): void;
}

export interface BodyLimits {
  /** The most bytes. After that the body fails with `DOWNLOAD_TOO_LONG`. */
  readonly maxBytes: number;
  /**
   * Milliseconds of waiting within which at least {@link minProgressBytes} must arrive. Otherwise the body fails with
   * `DOWNLOAD_TIMEOUT`.
   */
  readonly idleTimeoutMs: number;
}

/** A connection that delivers fewer bytes than this per idle time-out counts as stalled ("slowloris"). */
const minProgressBytes = 1024;

type Reader = PromiseWithResolvers<IteratorResult<Uint8Array, undefined>>;

/** Bytes queued for the reader before the connection is paused. */
const highWater = 128 * 1024;

/**
 * The body of one response. The connection pushes chunks and one reader pulls them. The body enforces the byte limit,
 * pauses the connection while the reader is busy, and limits the time that the reader waits. The reader itself has no
 * time limit.
 */
export class Body implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #connection: Connection;
  readonly #limits: BodyLimits;
  readonly #onEnd: (error?: UpdateError) => void;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #received = 0;
  #expected: number | undefined;
  #progress = 0;
  #paused = false;
  #end: 'open' | 'done' | UpdateError = 'open';
  #reader: Reader | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitingSince = 0;
  #waited = 0;

  /** `onEnd` is called once, when all bytes have arrived or with the error. */
  constructor(connection: Connection, limits: BodyLimits, onEnd: (error?: UpdateError) => void) {
    this.#connection = connection;
    this.#limits = limits;
    this.#onEnd = onEnd;
  }

  // ── The connection's side ─────────────────────────────────────────────────────────────────────────────────────

  /** Bytes that the body must have to be complete, if the head says so. Called before the first `push`. */
  expect(length: number | undefined): void {
    this.#expected = length;
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== 'open' || chunk.length === 0) return;
    this.#received += chunk.length;
    if (this.#received > this.#limits.maxBytes) return this.fail(tooLong(this.#limits.maxBytes));
    this.#progress += chunk.length;
    if (this.#reader !== undefined) return this.#takeReader()?.resolve({ done: false, value: chunk });
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued >= highWater && !this.#paused) {
      this.#paused = true;
      this.#connection.pause();
    }
  }

  finish(): void {
    if (this.#end !== 'open') return;
    if (this.#received < (this.#expected ?? 0)) return this.fail(truncated(this.#received, this.#expected ?? 0));
    this.#end = 'done';
    this.#onEnd();
    this.#takeReader()?.resolve({ done: true, value: undefined });
  }

  /** The reader still receives the chunks that arrived before. */
  fail(error: UpdateError): void {
    if (this.#end !== 'open') return;
    this.#end = error;
    this.#connection.close();
    this.#onEnd(error);
    this.#takeReader()?.reject(error);
  }

  // ── The reader's side ─────────────────────────────────────────────────────────────────────────────────────────

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queued -= chunk.length;
      this.#resumeIfDrained();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#end === 'done') return Promise.resolve({ done: true, value: undefined });
    if (this.#end !== 'open') return Promise.reject(this.#end);
    this.#reader = Promise.withResolvers();
    this.#startWaiting();
    return this.#reader.promise;
  }

  /** Called when a `for await` loop ends early. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  cancel(): void {
    this.#queue.length = 0;
    this.fail(new UpdateError('CANCELLED', 'The response was discarded.'));
  }

  #resumeIfDrained(): void {
    if (!this.#paused || this.#queued > highWater / 2 || this.#end !== 'open') return;
    this.#paused = false;
    this.#connection.resume();
  }

  #takeReader(): Reader | undefined {
    const reader = this.#reader;
    if (reader !== undefined) this.#stopWaiting();
    this.#reader = undefined;
    return reader;
  }

  // ── Waiting ───────────────────────────────────────────────────────────────────────────────────────────────────

  #startWaiting(): void {
    this.#waitingSince = performance.now();
    const left = Math.max(1, this.#limits.idleTimeoutMs - this.#waited);
    this.#timer = setTimeout(() => this.fail(stalled(this.#limits.idleTimeoutMs)), left).unref();
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#waited += performance.now() - this.#waitingSince;
    if (this.#progress >= minProgressBytes) {
      this.#progress = 0;
      this.#waited = 0;
    }
  }
}

function tooLong(maxBytes: number): UpdateError {
  return new UpdateError(
    'DOWNLOAD_TOO_LONG',
    `The server sent more than the ${maxBytes} bytes that were expected. Try again, or check the update server.`,
  );
}

function truncated(received: number, expected: number): UpdateError {
  return new UpdateError(
    'DOWNLOAD_TRUNCATED',
    `The server sent ${received} of ${expected} bytes. The connection broke off. Try again.`,
  );
}

function stalled(idleTimeoutMs: number): UpdateError {
  return new UpdateError(
    'DOWNLOAD_TIMEOUT',
    `The download made no progress for ${idleTimeoutMs / 1000} seconds. Check the connection and try again.`,
  );
}
