/** Describes the bytes of a file that the store holds or is to hold. */
export interface ContentFile {
  /** Target path. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Where a file's bytes come from: a path on this machine, or the bytes themselves if the file is small. */
export type ContentSource = string | Uint8Array;

interface PutOptions {
  /**
   * Also stores the file under its plain name, where people can find it. The bytes under that name never change.
   * @defaultValue false: only the consistent name is written, so another file can later be stored for the same path
   */
  readonly plainName?: boolean;
  /** Receives the number of bytes written, or found to be stored already, since the last call. */
  readonly onBytes?: (count: number) => void;
}

/**
 * The place from which target files are served. RSTUF signs only their descriptions, so the publisher stores the bytes.
 * Clients request each file by its consistent name, `<dir>/<sha256>.<file>` (TUF specification, section 6.2).
 */
export interface ContentStore {
  /** The store's canonical address, for locks and messages. The same store always has the same id. */
  readonly id: string;
  /**
   * Stores a file. Storing it again changes nothing, unless the stored copy is damaged: then it is replaced.
   * @throws UpdateError `PUBLISH_IMMUTABLE` when the plain name holds other bytes, `PUBLISH_INPUT` when the source does not
   * match `file`, `PUBLISH_CONTENT` when the store cannot be written
   */
  put(file: ContentFile, source: ContentSource, options?: PutOptions): Promise<void>;
  /** Whether the store holds a file of this length. Does not read its bytes. @throws UpdateError `PUBLISH_CONTENT` */
  has(file: ContentFile): Promise<boolean>;
  /**
   * Places a stored file at `localPath`, possibly as a hard link: the caller must not modify it, and must hash it.
   * Resolves to `false` when the store has no file of this length.
   * @throws UpdateError `PUBLISH_CONTENT`
   */
  fetchTo(file: ContentFile, localPath: string): Promise<boolean>;
}
