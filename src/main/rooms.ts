import { createClient } from './client.ts';
import type { Adapters, ResolvedOptions } from './compose.ts';
import { createInstallRoom } from './install/index.ts';
import type { Rooms } from './manager/manager.ts';
import { createStagingRoom } from './staging/index.ts';

/** Wires the rooms. Loaded on the manager's first use of them, so that starting an app costs nothing. */
export async function openRooms(options: ResolvedOptions, adapters: Adapters): Promise<Rooms> {
  const { host, openHttp, clock, logger, spawn, squirrel } = adapters;
  const { directory, metadataUrl, targetsUrls, publisher, windowsPublishers = [] } = options;
  const { trust, download } = createClient({
    config: { metadataUrl, targetsUrls, publisher },
    anchor: await options.readAnchor(),
    directory,
    http: await openHttp(),
    clock,
    logger,
  });
  const staging = createStagingRoom({ directory, clock, logger });
  const install = await createInstallRoom({
    facts: host.facts,
    directory,
    spawn,
    clock,
    logger,
    squirrel,
    windowsPublishers,
    trust,
    staging,
  });
  return { trust, download, staging, install };
}
