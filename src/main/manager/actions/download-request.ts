import { textOf } from '../../../shared/errors.ts';
import type { DownloadPlan, DownloadRequest, Installer, StagingArea, TrustedRelease } from '../../ports.ts';
import type { Context, Services } from '../context.ts';
import type { ResolvedSettings } from '../policy/settings.ts';

/** What the download room needs to fetch an offer: where to, and what helps to fetch less. */
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

/** Milliseconds for which a cheaper way is looked for; a mirror that gives its answer byte by byte holds no check. */
const planMs = 30_000;

/**
 * What a download would transfer. The whole file when that cannot be told in time.
 * @throws what `signal` is aborted with
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
    logger.warn(`No cheaper way to ${trusted.release.version} was found in time: ${textOf(error)}`);
    const { length } = trusted.target;
    return { downloadSize: length, fullSize: length };
  } finally {
    cancel();
  }
}
