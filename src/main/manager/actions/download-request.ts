import { textOf } from '../../../shared/errors.ts';
import type { DownloadPlan, DownloadRequest, Installer, StagingArea, TrustedRelease } from '../../ports.ts';
import type { Context, Services } from '../context.ts';
import type { ResolvedSettings } from '../policy/settings.ts';

/** The download request for an offer, with patches, chunks and local files that reduce the transfer. */
export async function requestOf(
  offer: TrustedRelease,
  { staging, install }: { readonly staging: StagingArea; readonly install: Installer },
  { deltas }: Pick<ResolvedSettings, 'deltas'>,
): Promise<DownloadRequest> {
  const request = { target: offer.target, to: await staging.slot(offer) };
  return offer.delta === undefined || !deltas()
    ? request
    : { ...request, delta: { ...offer.delta, seeds: await install.seeds() } };
}

/** Time limit in milliseconds for the plan, so that a very slow mirror does not delay the check. */
const planMs = 30_000;

/**
 * Computes how much a download would transfer. Resolves with the whole file if this takes too long.
 * @throws the reason of `signal` if it is aborted
 */
export async function planOf(
  { clock, logger, settings }: Pick<Context, 'clock' | 'logger' | 'settings'>,
  services: Services,
  trusted: TrustedRelease,
  signal: AbortSignal,
): Promise<Pick<DownloadPlan, 'downloadSize' | 'fullSize'>> {
  const late = new AbortController();
  const cancel = clock.after(planMs, () => late.abort());
  try {
    const request = await requestOf(trusted, services, settings);
    return await services.download.plan({ ...request, signal: AbortSignal.any([signal, late.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (!late.signal.aborted) throw error;
    logger.warn(`No smaller download of ${trusted.release.version} was found in time: ${textOf(error)}`);
    const { length } = trusted.target;
    return { downloadSize: length, fullSize: length };
  } finally {
    cancel();
  }
}
