/** A file that is ready to be served: what its bytes must be. */
export interface ContentFile {
  /** Target path. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Where a repository's target files are served from. RSTUF signs descriptions only; the bytes are the publisher's
 * own. Every file stands under its consistent name `<dir>/<sha256>.<file>`, which a client asks for.
 */
export interface ContentStore {
  /**
   * Stores an artifact: under its consistent name, and under its plain name for people. Storing the same bytes again
   * changes nothing.
   * @throws UpdateError `PUBLISH_IMMUTABLE` when other bytes stand under the plain name, `PUBLISH_INPUT` when the source
   * changed since it was described, `PUBLISH_CONTENT` when the store cannot be written
   */
  putArtifact(file: ContentFile, source: string, onBytes?: (count: number) => void): Promise<void>;
  /**
   * Stores a file that no person asks for, under its consistent name only: other bytes for the same path do no harm.
   * @throws UpdateError as `putArtifact`, but for `PUBLISH_IMMUTABLE`
   */
  putByHash(file: ContentFile, source: string, onBytes?: (count: number) => void): Promise<void>;
  /** The path of a stored file on this machine, if it is there in its length. Its bytes are not looked at. */
  find(file: ContentFile): Promise<string | undefined>;
  /** Stores a small mutable target under its consistent name only. @throws UpdateError `PUBLISH_CONTENT` */
  putIndex(file: ContentFile, bytes: Uint8Array): Promise<void>;
}
