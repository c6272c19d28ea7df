import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import * as v from 'valibot';

import { writeAtomic } from '../../../files/write-atomic.ts';
import { maxRetryAfterMs } from '../../http/retry.ts';
import { systemCode } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';
import { healthy, healthTtlMs, type MirrorHealth, quarantineMs } from './mirror-health.ts';

/**
 * Two clocks read at the same moment, in milliseconds. Health uses the monotonic clock; the file needs the wall clock.
 */
export interface ClockReading {
  /** Since 1970. */
  readonly wall: number;
  readonly monotonic: number;
}

/** More mirrors than any app has. The client did not write a file that lists more. */
const maxMirrors = 64;
/** Nor did it write a file larger than this, in bytes. */
const maxBytes = 256 * 1024;

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const mirrorSchema = v.object({
  url: v.pipe(v.string(), v.maxLength(2048)),
  failures: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1000)),
  failedAt: v.exactOptional(time),
  retryAt: v.exactOptional(time),
  slowAt: v.exactOptional(time),
  liedAt: v.exactOptional(time),
});
const fileSchema = v.object({ schema: v.literal(1), mirrors: v.pipe(v.array(mirrorSchema), v.maxLength(maxMirrors)) });

/** The health worth storing, with times that outlive the process. Keeps the most recently updated mirrors. */
export function formatHealth(health: ReadonlyMap<string, MirrorHealth>, { wall, monotonic }: ClockReading): string {
  const toWall = (at: number): number => Math.max(0, Math.round(wall + at - monotonic));
  const mirrors = [...health].slice(-maxMirrors).map(([url, { failures, failedAt, retryAt, slowAt, liedAt }]) => ({
    url,
    failures,
    ...(failures === 0 ? {} : { failedAt: toWall(failedAt), retryAt: toWall(retryAt) }),
    ...(slowAt === undefined ? {} : { slowAt: toWall(slowAt) }),
    ...(liedAt === undefined ? {} : { liedAt: toWall(liedAt) }),
  }));
  return `${JSON.stringify({ schema: 1, mirrors })}\n`;
}

/**
 * Parses the health that an earlier process stored. Times expire as they would in this process, and times from a clock
 * that was ahead are ignored; at worst a mirror is asked once too often. Returns an empty map if the file is invalid.
 */
export function parseHealth(text: string, { wall, monotonic }: ClockReading): Map<string, MirrorHealth> {
  const file = v.safeParse(fileSchema, parseJson(text));
  const since = (at: number | undefined, ms: number): number | undefined =>
    at === undefined || at > wall || wall - at >= ms ? undefined : monotonic - (wall - at);
  return new Map(
    (file.success ? file.output.mirrors : []).map(({ url, failures, failedAt, retryAt = 0, slowAt, liedAt }) => {
      const failed = since(failedAt, healthTtlMs);
      const waitMs = Math.min(Math.max(0, retryAt - wall), maxRetryAfterMs);
      const failing = failed === undefined ? {} : { failures, failedAt: failed, retryAt: monotonic + waitMs };
      return [url, { ...healthy, ...failing, slowAt: since(slowAt, healthTtlMs), liedAt: since(liedAt, quarantineMs) }];
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Stores the health of all mirrors in a file, so that a restarted app does not download a whole file from a mirror that
 * served corrupt bytes an hour ago. The file is only a help: if it cannot be read or written, the client logs a
 * warning. If two processes write it, the last one wins.
 */
export class MirrorHealthStore {
  readonly #path: string | undefined;
  readonly #readClocks: () => ClockReading;
  readonly #logger: Logger;
  #health: Map<string, MirrorHealth> = new Map<string, MirrorHealth>();
  #loaded: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isChanged = false;

  /** Without a path, health is lost when the process ends. */
  constructor(path: string | undefined, readClocks: () => ClockReading, logger: Logger) {
    this.#path = path;
    this.#readClocks = readClocks;
    this.#logger = logger;
  }

  get(url: string): MirrorHealth {
    return this.#health.get(url) ?? healthy;
  }

  /** Saves changes soon. {@link flush} waits for that. */
  update(url: string, change: (health: MirrorHealth) => MirrorHealth): void {
    const before = this.get(url);
    const after = change(before);
    if (after === before) return;
    this.#health.delete(url);
    this.#health.set(url, after);
    if (!this.#isChanged) this.#saving = this.#saving.then(() => this.#save());
    this.#isChanged = true;
  }

  /** Reads the file once. The caller awaits this before it asks for health. */
  load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  /** Resolves when every update so far was written. */
  async flush(): Promise<void> {
    await this.#saving;
  }

  async #read(): Promise<void> {
    if (this.#path === undefined) return;
    try {
      const { size } = await stat(this.#path);
      if (size <= maxBytes) this.#health = parseHealth(await readFile(this.#path, 'utf8'), this.#readClocks());
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#logger.warn('The stored health of mirrors could not be read.', error);
    }
  }

  async #save(): Promise<void> {
    this.#isChanged = false;
    if (this.#path === undefined) return;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await writeAtomic(this.#path, formatHealth(this.#health, this.#readClocks()));
    } catch (error) {
      this.#logger.warn('The health of mirrors could not be saved. The next start begins without it.', error);
    }
  }
}
