import { UpdateError } from '../../shared/errors.ts';
import { digestFile } from '../../files/hash-file.ts';
import type { PlannedFile } from '../session/release-plan.ts';

/** Describes a file beside an artifact that is signed by itself. No person asks for it, so it has no plain name. */
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
