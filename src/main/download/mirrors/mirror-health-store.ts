import * as v from 'valibot';

import { JsonStore } from '../../../files/json-store.ts';
import { maxRetryAfterMs } from '../../../shared/retry.ts';
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

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const mirrorSchema = v.object({
  url: v.pipe(v.string(), v.maxLength(2048)),
  failures: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1000)),
  failedAt: v.exactOptional(time),
  retryAt: v.exactOptional(time),
  slowAt: v.exactOptional(time),
  liedAt: v.exactOptional(time),
});
/** Health with times that outlive the process. */
export interface StoredHealth {
  readonly schema: 1;
  readonly mirrors: readonly {
    readonly url: string;
    readonly failures: number;
    readonly failedAt?: number;
    readonly retryAt?: number;
    readonly slowAt?: number;
    readonly liedAt?: number;
  }[];
}
export const storedHealthSchema: v.GenericSchema<unknown, StoredHealth> = v.object({
  schema: v.literal(1),
  mirrors: v.pipe(v.array(mirrorSchema), v.maxLength(maxMirrors)),
});

/** The health worth storing. Keeps the most recently updated mirrors. */
export function toStoredHealth(
  health: ReadonlyMap<string, MirrorHealth>,
  { wall, monotonic }: ClockReading,
): StoredHealth {
  const toWall = (at: number): number => Math.max(0, Math.round(wall + at - monotonic));
  const mirrors = [...health].slice(-maxMirrors).map(([url, { failures, failedAt, retryAt, slowAt, liedAt }]) => ({
    url,
    failures,
    ...(failures === 0 ? {} : { failedAt: toWall(failedAt), retryAt: toWall(retryAt) }),
    ...(slowAt === undefined ? {} : { slowAt: toWall(slowAt) }),
    ...(liedAt === undefined ? {} : { liedAt: toWall(liedAt) }),
  }));
  return { schema: 1, mirrors };
}

/**
 * The health that an earlier process stored. Times expire as they would in this process, and times from a clock that was
 * ahead are ignored; at worst a mirror is asked once too often.
 */
export function fromStoredHealth(
  { mirrors }: StoredHealth,
  { wall, monotonic }: ClockReading,
): Map<string, MirrorHealth> {
  const since = (at: number | undefined, ms: number): number | undefined =>
    at === undefined || at > wall || wall - at >= ms ? undefined : monotonic - (wall - at);
  return new Map(
    mirrors.map(({ url, failures, failedAt, retryAt = 0, slowAt, liedAt }) => {
      const failed = since(failedAt, healthTtlMs);
      const waitMs = Math.min(Math.max(0, retryAt - wall), maxRetryAfterMs);
      const failing = failed === undefined ? {} : { failures, failedAt: failed, retryAt: monotonic + waitMs };
      return [url, { ...healthy, ...failing, slowAt: since(slowAt, healthTtlMs), liedAt: since(liedAt, quarantineMs) }];
    }),
  );
}

/**
 * Stores the health of all mirrors in a file, so that a restarted app does not download a whole file from a mirror that
 * served corrupt bytes an hour ago. The file is only a help: if it cannot be read or written, the client logs a
 * warning. If two processes write it, the last one wins.
 */
export class MirrorHealthStore {
  readonly #store: JsonStore<StoredHealth | undefined> | undefined;
  readonly #readClocks: () => ClockReading;
  #health: Map<string, MirrorHealth> = new Map<string, MirrorHealth>();
  #loaded: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isChanged = false;

  /** Without a path, health is lost when the process ends. */
  constructor(path: string | undefined, readClocks: () => ClockReading, logger: Logger) {
    this.#store =
      path === undefined
        ? undefined
        : new JsonStore<StoredHealth | undefined>({ path, schema: storedHealthSchema, empty: undefined, logger });
    this.#readClocks = readClocks;
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
    const stored = await this.#store?.read();
    if (stored !== undefined) this.#health = fromStoredHealth(stored, this.#readClocks());
  }

  async #save(): Promise<void> {
    this.#isChanged = false;
    await this.#store?.write(toStoredHealth(this.#health, this.#readClocks()));
  }
}
