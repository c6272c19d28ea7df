import type { DownloadPlan, DownloadRequest, DownloadRoom, DownloadTask } from '../ports.ts';
import { download } from './download.ts';
import { type DownloadRoomOptions, Means } from './means.ts';
import { TaskControl } from './task-control.ts';

export type { DownloadRoomOptions } from './means.ts';

/**
 * The download room: fetches trusted targets from mirrors into verified files, and can be stopped at any moment without
 * losing what it has.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL` for a base URL that is neither HTTPS nor on loopback
 */
export function createDownloadRoom(options: DownloadRoomOptions): DownloadRoom {
  const means = new Means(options);
  return {
    plan: (request) => Promise.resolve(wholePlan(request)),
    start: (request) => startTask(means, request),
  };
}

function startTask(means: Means, request: DownloadRequest): DownloadTask {
  const control = new TaskControl();
  const cancel = (): void => control.cancel();
  if (request.signal?.aborted === true) cancel();
  request.signal?.addEventListener('abort', cancel);
  const done = keepingAlive(download(means, request, control)).finally(() =>
    request.signal?.removeEventListener('abort', cancel),
  );
  return { done, cancel, pause: () => control.pause(), resume: () => control.resume() };
}

function wholePlan({ target }: DownloadRequest): DownloadPlan {
  return { kind: 'full', downloadSize: target.length, fullSize: target.length };
}

/** While it waits before a retry, a download has no open connection that would keep the process alive. */
async function keepingAlive<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 60_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
