import { UpdateError } from '../../../shared/errors.ts';

/** The entries that an archive may contain. All others are refused: hard links, devices, pipes. */
export type EntryKind = 'file' | 'directory' | 'symlink';

/** A validated entry. */
export interface Entry {
  /** Path segments from the root of the archive; empty for the root itself. */
  readonly names: readonly string[];
  readonly kind: EntryKind;
  /** Mode of the file to write. Never set-user-id, and never writable by others. */
  readonly mode: number;
}

/** Maximum length of one name in bytes, as file systems allow. */
const maxNameBytes = 255;
const maxDepth = 64;

/**
 * Validates the path and mode of an entry. Pure.
 * @throws UpdateError `INSTALL_FAILED` for a path that leaves the archive or cannot be written
 */
export function validateEntry(path: string, kind: EntryKind, unixMode: number): Entry {
  const steps = path.replace(/\/+$/, '').split('/');
  const names = steps.filter((name) => name !== '.');
  const isBad = names.some(
    (name) => name === '' || name === '..' || name.includes('\0') || Buffer.byteLength(name) > maxNameBytes,
  );
  if (isBad || names.length > maxDepth) throw refused(path, 'its path leaves the archive or cannot be written');
  return { names, kind, mode: kind === 'directory' || (unixMode & 0o111) !== 0 ? 0o755 : 0o644 };
}

/**
 * Validates the target of a symbolic link. It must stay inside the archive. `..` is allowed only at its start, so that
 * no other link can redirect the path. Pure.
 * @throws UpdateError `INSTALL_FAILED`
 */
export function validateLink(names: readonly string[], target: string): void {
  const steps = target.split('/').filter((step) => step !== '.');
  const up = steps.findIndex((step) => step !== '..');
  const down = up === -1 ? [] : steps.slice(up);
  const isBad = down.some((step) => step === '' || step === '..' || step.includes('\0'));
  if (isBad || steps.length - down.length > names.length - 1) {
    throw refused(names.join('/'), `it links to ${JSON.stringify(target)}`);
  }
}

export function refused(path: string, why: string): UpdateError {
  const name = JSON.stringify(path.slice(0, 200));
  return new UpdateError('INSTALL_FAILED', `The archive holds ${name}, which is refused: ${why}. Nothing was changed.`);
}
