import type { DownloadPlan, DownloadRequest, Downloader, DownloadTask } from '../ports.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import { planDownload } from './delta/plan-download.ts';
import { DeltaPlanner } from './delta/delta-planner.ts';
import { download, downloadSidecar, partIdentity } from './download.ts';
import { type DownloaderOptions, DownloadContext } from './context.ts';
import { TaskControl } from './task-control.ts';

export type { DownloaderOptions } from './context.ts';

/**
 * Creates the downloader, which downloads trusted targets from mirrors into verified files. A download can be stopped
 * at any moment without losing what was received.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL` for a base URL that is neither HTTPS nor on loopback
 */
export function createDownloader(options: DownloaderOptions): Downloader {
  const context = new DownloadContext(options);
  /** The planner of the last plan, which the download that follows reuses. */
  let planned: { readonly key: string; readonly planner: DeltaPlanner } | undefined;

  function plannerFor(request: DownloadRequest): DeltaPlanner {
    const { target, to, delta } = request;
    const key = JSON.stringify([to, target.hashes, delta]);
    if (planned?.key !== key) planned = { key, planner: new DeltaPlanner(context, request) };
    return planned.planner;
  }

  return {
    async plan(request) {
      return withMirrorHealth(context, async () => plan(context, request, plannerFor(request)));
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
  const done = withMirrorHealth(context, async () => download(context, request, control, { planner })).finally(() =>
    request.signal?.removeEventListener('abort', cancel),
  );
  return { done, cancel, pause: () => control.pause(), resume: () => control.resume() };
}

/**
 * Runs `work` with the mirror health that earlier processes recorded, and saves what it adds. The timer keeps the
 * process alive while `work` waits before a retry, when no connection is open.
 */
async function withMirrorHealth<T>({ mirrorHealth }: DownloadContext, work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, 60_000);
  try {
    await mirrorHealth.load();
    return await work();
  } finally {
    await mirrorHealth.flush();
    clearInterval(alive);
  }
}
