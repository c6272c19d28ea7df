import { textOf, UpdateError } from '../../shared/errors.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import { consistentName } from '../../shared/target-path.ts';
import { repeatUntil, waitUntilVisible } from '../session/wait-until-visible.ts';
import type { PlannedFile } from '../session/release-plan.ts';
import { type PublishSession, waitOptions } from '../session/publish-session.ts';
import type { Registration } from '../rstuf/rstuf-api.ts';

/**
 * Stores the files, has RSTUF sign their descriptions, and verifies both as a client. Skips what is done already, so
 * running it again after an interruption finishes the work.
 * @returns how many files this run registered
 * @throws UpdateError `PUBLISH_IMMUTABLE` when a path is signed with other bytes, `PUBLISH_NOT_SERVED`,
 * `PUBLISH_NOT_CONFIRMED`, and what the content store and the API throw
 */
export async function publishArtifacts(session: PublishSession, files: readonly PlannedFile[]): Promise<number> {
  const { options, view } = session;
  const missing: Registration[] = [];
  const registrations = files.flatMap(({ registration }) => registration ?? []);
  for (const registration of registrations) {
    const target = await view.target(registration.path);
    if (target !== undefined && !hasSameBytes(registration, target)) throw otherBytes(registration.path);
    if (!isSigned(registration, target)) missing.push(registration);
  }
  await storeAll(session, files);
  options.onProgress?.({ step: 'confirm', done: 0, total: files.length });
  await assertServed(
    session,
    files.map(({ entry: { path, length, sha256 } }) => ({ path, length, locations: [consistentName(path, sha256)] })),
  );
  if (missing.length > 0) await registerAll(session, missing);
  await confirmAll(session, registrations);
  options.onProgress?.({ step: 'confirm', done: files.length, total: files.length });
  return missing.length;
}

async function storeAll({ options, store }: PublishSession, files: readonly PlannedFile[]): Promise<void> {
  const total = files.reduce((sum, { entry }) => sum + entry.length, 0);
  let done = 0;
  for (const { source, entry, alsoPlainName } of files) {
    const onBytes = (count: number): void => {
      done += count;
      options.onProgress?.({ step: 'store', done, total });
    };
    await store.put(entry, source, { plainName: alsoPlainName, onBytes });
  }
}

type ServedFile = Pick<TrustedTarget, 'path' | 'length' | 'locations'>;

/**
 * Waits until the content server serves files that were stored. If they were signed earlier, every client would fail.
 * @throws UpdateError `PUBLISH_NOT_SERVED`
 */
export async function assertServed(session: PublishSession, files: readonly ServedFile[]): Promise<void> {
  const { store, view } = session;
  const attempt = async (): Promise<true> => {
    for (const file of files) await view.assertServed(file);
    return true;
  };
  const giveUp = (timeoutMs: number, last: UpdateError | undefined): UpdateError =>
    new UpdateError(
      'PUBLISH_NOT_SERVED',
      `The files were stored in ${store.id}, but after ${Math.round(timeoutMs / 1000)} seconds the content server does not have them: ${textOf(last)} None of them was signed, and clients see what they saw before. Serve that directory at the targets URL, or copy it there, then run the same command again.`,
      { cause: last },
    );
  await repeatUntil(attempt, giveUp, waitOptions(session));
}

/** Has RSTUF sign the descriptions of files. @throws UpdateError `PUBLISH_…` naming the files that RSTUF refused */
export async function registerAll({ options, api }: PublishSession, files: readonly Registration[]): Promise<void> {
  const report = (done: number): void => options.onProgress?.({ step: 'register', done, total: files.length });
  report(0);
  await api.register(files, report);
}

/** Waits until a client finds every file signed as it was registered, and its bytes on the content server. */
async function confirmAll(session: PublishSession, files: readonly Registration[]): Promise<void> {
  const { view } = session;
  await waitUntilVisible(
    view,
    async () => {
      for (const file of files) {
        const target = await view.visibleTarget(file.path);
        if (!isSigned(file, target)) {
          throw new UpdateError('TRUST_TARGET_UNKNOWN', `${file.path} is not signed yet.`);
        }
        await view.assertServed(target);
      }
    },
    waitOptions(session),
  );
}

/**
 * Checks that no other publisher has registered other bytes for the same paths.
 * @throws UpdateError `PUBLISH_IMMUTABLE`
 */
export async function assertUnchanged({ view }: PublishSession, files: readonly Registration[]): Promise<void> {
  for (const file of files) {
    const target = await view.target(file.path);
    if (target !== undefined && !hasSameBytes(file, target)) throw otherBytes(file.path);
  }
}

function isSigned(file: Registration, target: TrustedTarget | undefined): target is TrustedTarget {
  if (target === undefined || !hasSameBytes(file, target)) return false;
  const wanted = Object.entries(file.info.custom ?? {});
  return wanted.every(([name, value]) => JSON.stringify(value) === JSON.stringify(target.custom[name]));
}

function hasSameBytes({ info }: Registration, target: TrustedTarget): boolean {
  return target.length === info.length && target.hashes.sha256 === info.hashes.sha256;
}

function otherBytes(path: string): UpdateError {
  return new UpdateError(
    'PUBLISH_IMMUTABLE',
    `${path} is signed with other bytes already. A published file never changes: build a new version.`,
    { details: { path } },
  );
}
