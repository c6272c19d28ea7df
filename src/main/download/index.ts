import type { DownloadPlan, DownloadRequest, DownloadRoom, DownloadTask } from '../ports.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import { planDownload } from './delta/plan-download.ts';
import { Ways } from './delta/delta-planner.ts';
import { download, fetchBeside, identityOf } from './download.ts';
import { type DownloadRoomOptions, Means } from './context.ts';
import { TaskControl } from './task-control.ts';

export type { DownloadRoomOptions } from './context.ts';

/**
 * The download room: fetches trusted targets from mirrors into verified files, and can be stopped at any moment without
 * losing what it has.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL` for a base URL that is neither HTTPS nor on loopback
 */
export function createDownloadRoom(options: DownloadRoomOptions): DownloadRoom {
  const means = new Means(options);
  /** What the last plan found out, for the download that follows it. */
  let planned: { readonly key: string; readonly ways: Ways } | undefined;

  function waysOf(request: DownloadRequest): Ways {
    const { target, to, delta } = request;
    const key = JSON.stringify([to, target.hashes, delta]);
    if (planned?.key !== key) planned = { key, ways: new Ways(means, request) };
    return planned.ways;
  }

  return {
    async plan(request) {
      return remembering(means, async () => plan(means, request, waysOf(request)));
    },
    start(request) {
      const ways = waysOf(request);
      planned = undefined;
      return startTask(means, request, ways);
    },
  };
}

async function plan(means: Means, request: DownloadRequest, ways: Ways): Promise<DownloadPlan> {
  const control = new TaskControl();
  const cancel = (): void => control.cancel();
  if (request.signal?.aborted === true) cancel();
  request.signal?.addEventListener('abort', cancel);
  const fetch = async (target: TrustedTarget, suffix: string): Promise<string> =>
    fetchBeside(means, control, target, `${request.to}.${suffix}`);
  try {
    return await planDownload(means, request, identityOf(request.target), ways, fetch, control.cancelled);
  } finally {
    request.signal?.removeEventListener('abort', cancel);
  }
}

function startTask(means: Means, request: DownloadRequest, ways: Ways): DownloadTask {
  const control = new TaskControl();
  const cancel = (): void => control.cancel();
  if (request.signal?.aborted === true) cancel();
  request.signal?.addEventListener('abort', cancel);
  const done = remembering(means, async () => download(means, request, control, { ways })).finally(() =>
    request.signal?.removeEventListener('abort', cancel),
  );
  return { done, cancel, pause: () => control.pause(), resume: () => control.resume() };
}

/**
 * Work that knows what earlier processes learnt of mirrors, and leaves what it learns. While it waits before a retry, it
 * has no open connection that would keep the process alive.
 */
async function remembering<T>({ memory }: Means, work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, 60_000);
  try {
    await memory.recall();
    return await work();
  } finally {
    await memory.settled();
    clearInterval(alive);
  }
}
