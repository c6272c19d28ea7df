import { UpdateError } from '../../shared/errors.ts';
import { digestFile } from '../../files/hash-file.ts';
import type { PlannedFile } from '../session/release-plan.ts';

/** Describes a separately signed file that accompanies an artifact. It needs no plain name, because only apps fetch it. */
export async function signedFile(
  source: string,
  path: string,
  custom: Readonly<Record<string, unknown>>,
): Promise<PlannedFile> {
  const { length, sha256, sha512 } = await digestFile(source);
  const registration = { path, info: { length, hashes: { sha256, sha512 }, custom } };
  return { source, entry: { path, length, sha256 }, registration, alsoPlainName: false };
}

export function changedMeanwhile(source: string): UpdateError {
  return new UpdateError(
    'PUBLISH_INPUT',
    `${source} changed while it was being published. Let the build finish, then publish again.`,
  );
}
