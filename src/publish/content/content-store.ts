/** A file that is ready to be served: what its bytes must be. */
export interface ContentFile {
  /** Target path. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A file's bytes: a path on this machine, or the bytes themselves where they are few. */
export type ContentSource = string | Uint8Array;

interface PutOptions {
  /**
   * Stores the file under its plain name too, where people find it. That name never changes its bytes.
   * @defaultValue false: under its consistent name only, so that other bytes for the same path do no harm
   */
  readonly plainName?: boolean;
  /** Called with the number of bytes that were written or found since the last call. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Where a repository's target files are served from. RSTUF signs descriptions only; the bytes are the publisher's
 * own. Every file stands under its consistent name `<dir>/<sha256>.<file>`, which a client asks for.
 */
export interface ContentStore {
  /** The store's address in one form: the same store always has the same id. For locks and for messages. */
  readonly id: string;
  /**
   * Stores a file. Storing the same bytes again changes nothing, and mends what is damaged.
   * @throws UpdateError `PUBLISH_IMMUTABLE` when other bytes stand under the plain name, `PUBLISH_INPUT` when the source
   * is not what `file` says, `PUBLISH_CONTENT` when the store cannot be written
   */
  put(file: ContentFile, source: ContentSource, options?: PutOptions): Promise<void>;
  /** Does the store hold the file in its length? The bytes are not read. @throws UpdateError `PUBLISH_CONTENT` */
  has(file: ContentFile): Promise<boolean>;
  /**
   * Gives the bytes of a stored file as a local file, which must not be changed. `false` when the store does not hold the
   * file in its length. The caller hashes what it gets. @throws UpdateError `PUBLISH_CONTENT`
   */
  fetchTo(file: ContentFile, localPath: string): Promise<boolean>;
}
