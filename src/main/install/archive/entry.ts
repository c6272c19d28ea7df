import { UpdateError } from '../../../shared/errors.ts';

/** What an archive may hold. Everything else is refused: hard links, devices, pipes. */
export type EntryKind = 'file' | 'directory' | 'symlink';

/** One entry, judged. */
export interface Entry {
  /** Names from the root of the archive down; empty for the root itself. */
  readonly names: readonly string[];
  readonly kind: EntryKind;
  /** Mode of the file to write: never set-user-id, never writable by others. */
  readonly mode: number;
}

/** Bytes that file systems take for one name. */
const longestName = 255;
const deepest = 64;

/**
 * Judges the path and the mode of an entry. Pure.
 * @throws UpdateError `INSTALL_FAILED` for a path that leaves the archive or cannot be written
 */
export function validateEntry(path: string, kind: EntryKind, unixMode: number): Entry {
  const steps = path.replace(/\/+$/, '').split('/');
  const names = steps.filter((name) => name !== '.');
  const isBad = names.some(
    (name) => name === '' || name === '..' || name.includes('\0') || Buffer.byteLength(name) > longestName,
  );
  if (isBad || names.length > deepest) throw refused(path, 'its path leaves the archive or cannot be written');
  return { names, kind, mode: kind === 'directory' || (unixMode & 0o111) !== 0 ? 0o755 : 0o644 };
}

/**
 * Judges where a symbolic link leads: down from its own directory, or up and down again, but never out of the archive.
 * Up comes first only, so that no other link can bend the way. Pure.
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
