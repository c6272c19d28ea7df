import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import * as v from 'valibot';

import { writeAtomic } from '../../../files/write-atomic.ts';
import { maxRetryAfterMs } from '../../http/retry.ts';
import { systemCode } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';
import { healthy, healthTtlMs, type MirrorHealth, quarantineMs } from './mirror-health.ts';

/** Two clocks read at the same moment, in milliseconds: health is kept by one, files live longer than it. */
export interface ClockReading {
  /** Since 1970. */
  readonly wall: number;
  readonly monotonic: number;
}

/** More mirrors than any app has; what is longer is not ours. */
const maxMirrors = 64;
/** … and so is a file of more bytes. */
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

/** What is worth keeping, with times that outlive the process. The mirrors that were noted last are kept. */
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
 * The health that an earlier process left. Nothing of it is believed for longer than this process would believe itself,
 * and nothing from a clock that was ahead: at worst a mirror is asked once too often. Empty when it is no such file.
 */
export function parseHealth(text: string, { wall, monotonic }: ClockReading): Map<string, MirrorHealth> {
  const file = v.safeParse(fileSchema, parseJson(text));
  const since = (at: number | undefined, ms: number): number | undefined =>
    at === undefined || at > wall || wall - at >= ms ? undefined : monotonic - (wall - at);
  return new Map(
    (file.success ? file.output.mirrors : []).map(({ url, failures, failedAt, retryAt = 0, slowAt, liedAt }) => {
      const failed = since(failedAt, healthTtlMs);
      const waitMs = Math.min(Math.max(0, retryAt - wall), maxRetryAfterMs);
      const ill = failed === undefined ? {} : { failures, failedAt: failed, retryAt: monotonic + waitMs };
      return [url, { ...healthy, ...ill, slowAt: since(slowAt, healthTtlMs), liedAt: since(liedAt, quarantineMs) }];
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
 * The health of all mirrors, kept in a file: an app that is started anew does not fetch a whole file from a mirror that
 * lied an hour ago. It is a help, not a promise: a file that cannot be read or written costs a log line, and of two
 * processes the last one is remembered.
 */
export class MirrorHealthStore {
  readonly #path: string | undefined;
  readonly #moment: () => ClockReading;
  readonly #logger: Logger;
  #health: Map<string, MirrorHealth> = new Map<string, MirrorHealth>();
  #loaded: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isChanged = false;

  /** Without a path nothing outlives the process. */
  constructor(path: string | undefined, reading: () => ClockReading, logger: Logger) {
    this.#path = path;
    this.#moment = reading;
    this.#logger = logger;
  }

  get(url: string): MirrorHealth {
    return this.#health.get(url) ?? healthy;
  }

  /** What is new is written soon; {@link flush} waits for it. */
  update(url: string, change: (health: MirrorHealth) => MirrorHealth): void {
    const before = this.get(url);
    const after = change(before);
    if (after === before) return;
    this.#health.delete(url);
    this.#health.set(url, after);
    if (!this.#isChanged) this.#saving = this.#saving.then(() => this.#save());
    this.#isChanged = true;
  }

  /** Reads the file, once. To be awaited before the first look. */
  load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  /** Resolves when everything noted so far was written. */
  async flush(): Promise<void> {
    await this.#saving;
  }

  async #read(): Promise<void> {
    if (this.#path === undefined) return;
    try {
      const { size } = await stat(this.#path);
      if (size <= maxBytes) this.#health = parseHealth(await readFile(this.#path, 'utf8'), this.#moment());
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#logger.warn('What was known of mirrors could not be read.', error);
    }
  }

  async #save(): Promise<void> {
    this.#isChanged = false;
    if (this.#path === undefined) return;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await writeAtomic(this.#path, formatHealth(this.#health, this.#moment()));
    } catch (error) {
      this.#logger.warn('What is known of mirrors could not be saved; it will be learnt again.', error);
    }
  }
}
