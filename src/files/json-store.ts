import { mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type * as v from 'valibot';

import { systemCode, textOf } from '../shared/errors.ts';
import { parseJson } from '../shared/parse-json.ts';
import { writeAtomic } from './write-atomic.ts';

export interface JsonStoreOptions<T> {
  readonly path: string;
  readonly schema: v.GenericSchema<unknown, T>;
  /** The value if there is no usable file. */
  readonly empty: T;
  readonly logger: { warn(message: string): void };
}

/** In bytes. A longer file is ignored, because this product did not write it. */
const maxBytes = 256 * 1024;

/**
 * One value in a JSON file. A corrupt file counts as missing. Use {@link read} and {@link write} for a value that may
 * be lost: they only log errors. Use {@link load} and {@link save} for a value that may not be lost.
 */
export class JsonStore<T> {
  readonly #options: JsonStoreOptions<T>;
  readonly #name: string;

  constructor(options: JsonStoreOptions<T>) {
    this.#options = options;
    this.#name = basename(options.path);
  }

  /** Throws if an existing file cannot be read. */
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

  /** Throws if the file cannot be written. */
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

  /** Also creates the directory. */
  async write(value: NonNullable<T>): Promise<void> {
    try {
      await mkdir(dirname(this.#options.path), { recursive: true, mode: 0o700 });
      await this.save(value);
    } catch (error) {
      this.#options.logger.warn(`${this.#name} cannot be written: ${textOf(error)}`);
    }
  }
}
