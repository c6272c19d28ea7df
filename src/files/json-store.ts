import { mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type * as v from 'valibot';

import { systemCode, textOf } from '../shared/errors.ts';
import { parseJson } from '../shared/parse-json.ts';
import { writeAtomic } from './write-atomic.ts';

export interface JsonStoreOptions<T> {
  readonly path: string;
  readonly schema: v.GenericSchema<unknown, T>;
  /** What a store without a usable file holds. */
  readonly empty: T;
  readonly logger: { warn(message: string): void };
}

/** Bytes; a longer file is none of ours. */
const maxBytes = 256 * 1024;

/**
 * One value in a JSON file. A corrupt file counts as none. {@link read} and {@link write} suit what may be lost: an error
 * costs a line in the log. {@link load} and {@link save} suit what may not.
 */
export class JsonStore<T> {
  readonly #options: JsonStoreOptions<T>;
  readonly #name: string;

  constructor(options: JsonStoreOptions<T>) {
    this.#options = options;
    this.#name = basename(options.path);
  }

  /** Throws when a file that is there cannot be read. */
  async load(): Promise<T> {
    const { path, schema, empty, logger } = this.#options;
    try {
      const isOurs = (await stat(path)).size <= maxBytes;
      const value = parseJson(isOurs ? await readFile(path, 'utf8') : '', schema);
      if (value !== undefined) return value;
      logger.warn(`${this.#name} is not valid and is dropped.`);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
    return empty;
  }

  /** Throws when the file cannot be written. */
  async save(value: NonNullable<T>): Promise<void> {
    await writeAtomic(this.#options.path, `${JSON.stringify(value, undefined, 2)}\n`);
  }

  async read(): Promise<T> {
    try {
      return await this.load();
    } catch (error) {
      this.#options.logger.warn(`${this.#name} cannot be read: ${textOf(error)}`);
      return this.#options.empty;
    }
  }

  /** Makes the directory as well. */
  async write(value: NonNullable<T>): Promise<void> {
    try {
      await mkdir(dirname(this.#options.path), { recursive: true, mode: 0o700 });
      await this.save(value);
    } catch (error) {
      this.#options.logger.warn(`${this.#name} cannot be written: ${textOf(error)}`);
    }
  }
}
