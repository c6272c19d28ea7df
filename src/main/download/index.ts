import type { DownloadPlan, DownloadRequest, Downloader, DownloadTask } from '../ports.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import { planDownload } from './delta/plan-download.ts';
import { DeltaPlanner } from './delta/delta-planner.ts';
import { download, downloadSidecar, partIdentity } from './download.ts';
import { type DownloaderOptions, DownloadContext } from './context.ts';
import { TaskControl } from './task-control.ts';

export type { DownloaderOptions } from './context.ts';

/**
 * The download room: fetches trusted targets from mirrors into verified files, and can be stopped at any moment without
 * losing what it has.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL` for a base URL that is neither HTTPS nor on loopback
 */
export function createDownloader(options: DownloaderOptions): Downloader {
  const context = new DownloadContext(options);
  /** What the last plan found out, for the download that follows it. */
  let planned: { readonly key: string; readonly planner: DeltaPlanner } | undefined;

  function plannerFor(request: DownloadRequest): DeltaPlanner {
    const { target, to, delta } = request;
    const key = JSON.stringify([to, target.hashes, delta]);
    if (planned?.key !== key) planned = { key, planner: new DeltaPlanner(context, request) };
    return planned.planner;
  }

  return {
    async plan(request) {
      return remembering(context, async () => plan(context, request, plannerFor(request)));
    },
    start(request) {
      const planner = plannerFor(request);
      planned = undefined;
      return startTask(context, request, planner);
    },
  };
}

async function plan(context: DownloadContext, request: DownloadRequest, planner: DeltaPlanner): Promise<DownloadPlan> {
  const control = new TaskControl();
  const cancel = (): void => control.cancel();
  if (request.signal?.aborted === true) cancel();
  request.signal?.addEventListener('abort', cancel);
  const fetch = async (target: TrustedTarget, suffix: string): Promise<string> =>
    downloadSidecar(context, control, target, `${request.to}.${suffix}`);
  try {
    return await planDownload(context, request, partIdentity(request.target), planner, fetch, control.cancelled);
  } finally {
    request.signal?.removeEventListener('abort', cancel);
  }
}

function startTask(context: DownloadContext, request: DownloadRequest, planner: DeltaPlanner): DownloadTask {
  const control = new TaskControl();
  const cancel = (): void => control.cancel();
  if (request.signal?.aborted === true) cancel();
  request.signal?.addEventListener('abort', cancel);
  const done = remembering(context, async () => download(context, request, control, { planner })).finally(() =>
    request.signal?.removeEventListener('abort', cancel),
  );
  return { done, cancel, pause: () => control.pause(), resume: () => control.resume() };
}

/**
 * Work that knows what earlier processes learnt of mirrors, and leaves what it learns. While it waits before a retry, it
 * has no open connection that would keep the process alive.
 */
async function remembering<T>({ mirrorHealth: memory }: DownloadContext, work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, 60_000);
  try {
    await memory.load();
    return await work();
  } finally {
    await memory.flush();
    clearInterval(alive);
  }
}
