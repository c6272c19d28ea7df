import { constants, open, rm } from 'node:fs/promises';

import { acquireLock, type Lock } from '../../files/lock.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { Progress } from '../../shared/state.ts';
import { checkedHash, type TrustedTarget } from '../../shared/trusted-target.ts';
import type { DownloadedFile, DownloadRequest } from '../ports.ts';
import { applyDelta, type DeltaApplication, removeDeltaFiles } from './delta/apply-delta.ts';
import { DeltaPlanner } from './delta/delta-planner.ts';
import { assertSpace, toDiskError } from './disk-errors.ts';
import { fetchAndVerify } from './fetch-and-verify.ts';
import { type DownloadJob, TransferStats } from './job.ts';
import { PrefixHasher } from './part/prefix-hasher.ts';
import type { PartIdentity } from './part/part-journal.ts';
import type { DownloadContext } from './context.ts';
import { openPartFile } from './part/open-part-file.ts';
import { type FinishOptions, partPaths } from './part/part-file.ts';
import { ProgressReporter } from './progress/progress-reporter.ts';
import type { TaskControl } from './task-control.ts';
import { readFully } from '../../files/read-write-fully.ts';

interface RunOptions {
  /** @defaultValue a new planner for the request */
  readonly planner?: DeltaPlanner;
  /** Whether to flush the finished file to the disk, rather than leave it in the system's cache. @defaultValue true */
  readonly isDurable?: boolean;
}

/**
 * Downloads a trusted target into a verified file. Whatever happens, received bytes stay for the next attempt. Only
 * bytes that cannot be valid are discarded.
 */
export async function download(
  context: DownloadContext,
  request: DownloadRequest,
  control: TaskControl,
  options: RunOptions = {},
): Promise<DownloadedFile> {
  const { target, to } = request;
  const progress = new ProgressReporter(target.length, progressListener(context, request), {
    now: () => context.now(),
    after: (ms, run) => context.options.clock.after(ms, run),
  });
  try {
    control.cancelled.throwIfAborted();
    const lock = await lockOrRefuse(request.lock ?? `${to}.part.lock`, to);
    try {
      return await downloadUnderLock(context, request, control, progress, options);
    } finally {
      lock.remove();
    }
  } catch (error) {
    throw toDiskError(error, to);
  } finally {
    progress.finish();
  }
}

async function downloadUnderLock(
  context: DownloadContext,
  request: DownloadRequest,
  control: TaskControl,
  progress: ProgressReporter,
  { planner = new DeltaPlanner(context, request), isDurable = true }: RunOptions,
): Promise<DownloadedFile> {
  const { target, to } = request;
  const stats = new TransferStats();
  const identity = partIdentity(target);
  const paths = partPaths(to);
  if (await isAlreadyComplete(to, identity, request.mode)) {
    await Promise.all([rm(paths.part, { force: true }), rm(paths.journal, { force: true }), removeDeltaFiles(to)]);
    stats.setResumed(target.length);
    progress.update('verify', target.length, target.length, 0);
  } else {
    const onChecked = (bytes: number): void => progress.update('copy', bytes, bytes, 0);
    const part = await openPartFile(paths, identity, onChecked, control.cancelled);
    stats.setResumed(part.received);
    const job = { context, target, part, control, progress, stats };
    await complete(job, { isDurable, mode: request.mode }, async () => assembleFromDelta(job, request, planner));
  }
  const { bytesReceived, requests, resumed } = stats;
  const bytesSaved = request.delta === undefined ? resumed : Math.max(resumed, target.length - bytesReceived);
  return { path: to, target, bytesReceived, bytesSaved, requests };
}

/** Assembles what the release's deltas give. Their files stay next to the artifact until it is complete. */
async function assembleFromDelta(
  job: DownloadJob,
  { delta, to }: DownloadRequest,
  planner: DeltaPlanner,
): Promise<void> {
  if (delta === undefined) return;
  const { context, control, stats } = job;
  const fetch: DeltaApplication['fetch'] = async (target, suffix, onReceived) => {
    let counted = 0;
    return downloadSidecar(context, control, target, `${to}.${suffix}`, (received, transferred, requests) => {
      stats.add({ bytesReceived: transferred - counted, requests });
      counted = transferred;
      onReceived(received);
    });
  };
  await applyDelta({ ...job, delta, planner, fetch });
}

/**
 * Downloads a whole auxiliary target, by the same rules as the artifact. The file need not survive a power failure: if
 * it is damaged, it is downloaded again.
 */
export async function downloadSidecar(
  context: DownloadContext,
  control: TaskControl,
  target: TrustedTarget,
  to: string,
  onReceived: (received: number, transferred: number, requests: number) => void = () => undefined,
): Promise<string> {
  const onProgress = ({ received, saved }: Progress): void => onReceived(received, received - saved, 0);
  const file = await download(context, { target, to, onProgress }, control, { isDurable: false });
  onReceived(target.length, file.bytesReceived, file.requests);
  return file.path;
}

/** Completes an open part and turns it into the finished file. */
async function complete(job: DownloadJob, finish: FinishOptions, prepare: () => Promise<void>): Promise<void> {
  const { part, target } = job;
  try {
    await assertSpace(part.paths.to, target.length - part.received);
    await prepare();
    await fetchAndVerify(job);
    await part.finish(finish);
    await removeDeltaFiles(part.paths.to);
  } catch (error) {
    await part.close();
    const isUseless = error instanceof UpdateError && error.code === 'DOWNLOAD_MISMATCH';
    if (isUseless || part.received === 0) await part.remove();
    throw error;
  }
}

export function partIdentity({ path, length, hashes }: TrustedTarget): PartIdentity {
  const { name, hex } = checkedHash(hashes);
  if (hex === '') throw new UpdateError('TRUST_HASH_UNSUPPORTED', `${path} lists neither SHA-256 nor SHA-512.`);
  return { length, hashName: name, digest: hex };
}

/**
 * True if an earlier run already finished the file: a crash may come between the final rename and the caller's journal.
 * A link does not count, nor does a file that another user could still change.
 */
async function isAlreadyComplete(path: string, identity: PartIdentity, mode: number | undefined): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const facts = await file.stat();
    if (!facts.isFile() || facts.size !== identity.length) return false;
    if (process.getuid !== undefined && (facts.uid !== process.getuid() || (facts.mode & 0o002) !== 0)) return false;
    const hash = new PrefixHasher(identity.hashName, (buffer, at) => readFully(file, buffer, at));
    await hash.hashUpTo(identity.length);
    if (hash.digest() !== identity.digest) return false;
    if (mode !== undefined) await file.chmod(mode);
    return true;
  } finally {
    await file.close();
  }
}

async function lockOrRefuse(lockPath: string, to: string): Promise<Lock> {
  const lock = await acquireLock(lockPath, { waitMs: 0 });
  if (lock !== undefined) return lock;
  throw new UpdateError('DOWNLOAD_BUSY', `Another process is downloading ${to}. Wait until it is done, or end it.`);
}

/** An error thrown by the listener must not end the download. */
function progressListener(context: DownloadContext, { onProgress }: DownloadRequest): (progress: Progress) => void {
  return (progress) => {
    try {
      onProgress?.(progress);
    } catch (error) {
      context.options.logger.error('The progress listener of a download threw.', error);
    }
  };
}
