import type { DownloadRequest, InstallRoom, StagingRoom, TrustedRelease } from '../ports.ts';

/** What the download room needs to fetch an offer: where to, and what helps to fetch less. */
export async function requestOf(
  offer: TrustedRelease,
  { staging, install }: { readonly staging: StagingRoom; readonly install: InstallRoom },
): Promise<DownloadRequest> {
  const request = { target: offer.target, to: await staging.slot(offer) };
  return offer.delta === undefined ? request : { ...request, delta: { ...offer.delta, seeds: await install.seeds() } };
}
