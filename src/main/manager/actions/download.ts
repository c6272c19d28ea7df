import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import type { Progress, UpdateState } from '../../../shared/state.ts';
import type { Downloader, DownloadTask } from '../../ports.ts';
import { offerRelease } from './check.ts';
import type { Context } from '../context.ts';
import { requestOf } from './download-request.ts';
import type { FoundOffer } from '../offer.ts';
import { findInstallObstacle, hoursMessage } from './install-blockers.ts';
import { reportOutcome } from './report-outcome.ts';
import { outsideAllowedHours } from '../policy/automatic-policy.ts';
import type { StagedInstall } from './install-staged.ts';

/** Downloads, verifies and stages the available release. */
export interface DownloadAction {
  /**
   * Joins a download that is running or paused. If this installation cannot be replaced, it downloads nothing, and
   * `lastError` says why. @throws UpdateError `MANAGER_WRONG_STATE` if nothing is available, `MANAGER_POLICY` outside
   * the allowed hours
   */
  download(): Promise<UpdateState>;
  /** Downloads from a bundle. It holds only whole files, and allowed hours do not apply. */
  from(bundle: Downloader): Promise<UpdateState>;
  pause(reason: 'user' | 'policy'): void;
  resume(): void;
  cancel(): void;
}

/** States of a download that has started and not ended. */
const runningStates: readonly UpdateState['type'][] = ['downloading', 'paused', 'verifying'];

export function createDownloadAction(context: Context, staged: StagedInstall): DownloadAction {
  const { store, logger } = context;
  let task: DownloadTask | undefined;
  let cancelled = new AbortController();
  let running: Promise<UpdateState> | undefined;

  async function start(offer: FoundOffer, bundle: Downloader | undefined): Promise<UpdateState> {
    const run = downloadAndStage(offer, bundle);
    running = run;
    return run;
  }

  async function downloadAndStage(offer: FoundOffer, bundle: Downloader | undefined): Promise<UpdateState> {
    const { trusted, summary } = offer;
    cancelled = new AbortController();
    store.dispatch({ type: 'download-started', progress: noProgress(trusted.target.length) });
    try {
      const obstacle = await findInstallObstacle(context);
      if (obstacle !== undefined) throw obstacle.error;
      const services = await context.services();
      const { target, to, ...delta } = await requestOf(trusted, services, context.settings);
      cancelled.signal.throwIfAborted();
      const source = bundle ?? services.download;
      task = source.start({ target, to, ...(bundle === undefined ? delta : {}), onProgress });
      // It may have been paused before the task existed.
      if (store.state.type === 'paused') task.pause();
      const file = await task.done;
      store.dispatch({ type: 'verify-started' });
      await services.staging.stage(file, trusted);
    } catch (error) {
      return await ended(offer, toUpdateError(error, 'MANAGER_UNEXPECTED'));
    } finally {
      task = undefined;
    }
    reportOutcome(context, { type: 'downloaded', version: summary.version });
    return staged.markStaged(summary, false);
  }

  /** Ends a download without a file. The release stays available, so that the user can try again without a check. */
  async function ended(offer: FoundOffer, failure: UpdateError): Promise<UpdateState> {
    if (failure.code === 'CANCELLED') {
      store.learn({ type: 'download-cancelled', version: offer.summary.version });
      return offerRelease(context, offer, { manual: false });
    }
    logger.warn(`download failed: ${failure.code} ${failure.message}`);
    reportOutcome(context, { type: 'failed', version: offer.summary.version, code: failure.code });
    return offerRelease(context, offer, { manual: true, lastError: failure.toData() });
  }

  function onProgress(progress: Progress): void {
    if (store.state.type === 'downloading') store.dispatch({ type: 'progressed', progress });
  }

  function available(): FoundOffer {
    const { phase } = store.internal;
    if (phase.type === 'available') return phase.offer;
    throw new UpdateError('MANAGER_WRONG_STATE', 'There is no update to download. Check for updates first.');
  }

  return {
    async download() {
      if (running !== undefined && runningStates.includes(store.state.type)) return running;
      const offer = available();
      const refused = outsideAllowedHours({ now: context.clock.now(), allowedHours: store.internal.policy.hours });
      if (refused !== undefined) throw new UpdateError('MANAGER_POLICY', hoursMessage(refused.until));
      return start(offer, undefined);
    },
    from: (bundle) => start(available(), bundle),
    pause(reason) {
      store.dispatch({ type: 'paused', reason });
      task?.pause();
    },
    resume() {
      store.dispatch({ type: 'resumed' });
      task?.resume();
    },
    cancel() {
      cancelled.abort(new UpdateError('CANCELLED', 'The download was cancelled. It can be continued later.'));
      task?.cancel();
    },
  };
}

function noProgress(total: number): Progress {
  return { phase: 'download', received: 0, total, saved: 0, bytesPerSecond: 0 };
}
