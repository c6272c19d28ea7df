import { createHash } from 'node:crypto';
import { join } from 'node:path';

import type { PublisherKeySet } from '../shared/publisher-keys.ts';
import { createClient } from './client.ts';
import { createInstallRoom } from './install/index.ts';
import { Manager, type Rooms } from './manager/manager.ts';
import { openPreferences } from './manager/preferences.ts';
import type { AppFacts, AppHost, Clock, HttpClient, Logger, Spawn } from './ports.ts';
import { createStagingRoom } from './staging/index.ts';
import type { Anchor } from './trust/contract.ts';

/** What differs between Electron and plain Node. */
export interface Adapters {
  readonly host: AppHost;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly spawn: Spawn;
  readonly logger: Logger;
}

/** Everything that is decided before the first check. */
export interface ResolvedOptions {
  readonly app: string;
  readonly channel: string;
  readonly metadataUrl: string;
  readonly targetsUrls: readonly string[];
  readonly anchor: Anchor;
  readonly publisher: PublisherKeySet | 'none';
  readonly versionFloor?: string;
  /** The private directory of this installation's updates. */
  readonly directory: string;
}

/** Wires the rooms. Nothing is read, written or fetched before the manager's first use of them. */
export function composeUpdater(options: ResolvedOptions, adapters: Adapters): Manager {
  const { host, clock, logger, spawn } = adapters;
  const { app, directory, channel, versionFloor } = options;
  return new Manager({
    app,
    defaultChannel: channel,
    ...(versionFloor === undefined ? {} : { versionFloor }),
    host,
    clock,
    logger,
    spawn,
    preferences: openPreferences(directory, logger),
    openRooms: () => openRooms(options, adapters),
  });
}

async function openRooms(options: ResolvedOptions, { host, http, clock, logger }: Adapters): Promise<Rooms> {
  const { directory, anchor, metadataUrl, targetsUrls, publisher } = options;
  const client = createClient({
    config: { metadataUrl, targetsUrls, publisher },
    anchor,
    directory,
    http,
    clock,
    logger,
  });
  const staging = createStagingRoom({ directory, clock, logger });
  const install = await createInstallRoom({ facts: host.facts, directory, trust: client.trust, staging, logger });
  return { trust: client.trust, download: client.download, staging, install };
}

/** One directory per installation: two copies of an app do not share a staged update. */
export function updatesDirectory(facts: AppFacts, app: string): string {
  const installPath = facts.env['APPIMAGE'] ?? facts.execPath;
  const hash = createHash('sha256').update(installPath).digest('hex').slice(0, 16);
  return join(facts.stateHome, app, 'updates', hash);
}
