import type {
  AppHost,
  AssertWanted,
  Clock,
  Downloader,
  Installer,
  Logger,
  Spawn,
  StagingArea,
  ReleaseVerifier,
} from '../ports.ts';
import type { AdminPolicy } from './policy/admin-policy.ts';
import type { History } from './storage/install-history.ts';
import type { RunningInstances } from './storage/running-instances.ts';
import type { PolicyFile } from './policy/admin-policy-file.ts';
import type { PreferenceStore } from './storage/preferences.ts';
import type { ResolvedSettings } from './policy/settings.ts';
import type { StateStore } from './state/state-store.ts';

/** Trust and download over the files of a bundle. */
export interface BundleServices {
  readonly trust: ReleaseVerifier;
  readonly download: Downloader;
  close(): Promise<void>;
}

/** The modules that the manager works with. */
export interface Services {
  readonly trust: ReleaseVerifier;
  readonly download: Downloader;
  readonly staging: StagingArea;
  readonly install: Installer;
  /** @throws UpdateError `OPTIONS_INVALID` if the file cannot be read or is not a bundle */
  openBundle(path: string): Promise<BundleServices>;
  /** Ends all running requests, and refuses new ones. */
  close(): Promise<void>;
}

/** What the services need from the manager. */
export interface ServiceNeeds {
  readonly policy: AdminPolicy;
  readonly assertWanted: AssertWanted;
}

export interface ManagerOptions {
  readonly app: string;
  /** The build's channel, which applies until the user chooses another. */
  readonly defaultChannel: string;
  readonly versionFloor?: string;
  readonly settings: ResolvedSettings;
  readonly host: AppHost;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spawn: Spawn;
  readonly preferences: PreferenceStore;
  readonly history: History;
  readonly instances: RunningInstances;
  /** Returns 0 ≤ random < 1. Spreads checks over time. */
  readonly random: () => number;
  readonly readPolicy: () => Promise<PolicyFile>;
  /** Called at the first use of a service, and again only if it failed. */
  readonly createServices: (needs: ServiceNeeds) => Promise<Services>;
}

/** What the parts of the manager share. */
export interface Context extends ManagerOptions {
  readonly store: StateStore;
  /** Opens the services at first use. */
  readonly services: () => Promise<Services>;
}

/** The current time in ISO 8601. */
export function timestamp(context: Pick<Context, 'clock'>): string {
  return new Date(context.clock.now()).toISOString();
}
