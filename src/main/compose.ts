import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { omitUndefined } from '../shared/omit-undefined.ts';
import type { PublisherKeySet } from '../shared/publisher-keys.ts';
import type { UpdateConfig } from '../shared/update-config.ts';
import { installPath } from './install/location/install-path.ts';
import { UpdateManager } from './manager/update-manager.ts';
import { openHistory } from './manager/storage/install-history.ts';
import { openRunningInstances } from './manager/storage/running-instances.ts';
import { policyPath, readPolicyFile } from './manager/policy/admin-policy-file.ts';
import { openPreferences } from './manager/storage/preferences.ts';
import { resolveSettings, type UpdaterSettings } from './manager/policy/settings.ts';
import { readEmbeddedRoot, readTrustedRoot } from './options.ts';
import type { AppFacts, AppHost, Clock, HttpClient, Logger, Spawn, SquirrelMac } from './ports.ts';
import type { RequestHeaders } from './http/own-headers.ts';
import type { Anchor } from './trust/contract.ts';

/** What differs between Electron and plain Node. */
export interface Adapters {
  readonly host: AppHost;
  /** Called on first use. */
  readonly openHttp: () => Promise<HttpClient>;
  readonly clock: Clock;
  readonly spawn: Spawn;
  readonly logger: Logger;
  /** @defaultValue none */
  readonly squirrel?: SquirrelMac;
  /** 0 ≤ random < 1. @defaultValue Math.random */
  readonly random?: () => number;
  /** User id of a further allowed owner of the policy file. @defaultValue only root */
  readonly policyOwner?: number;
}

/** All options, with defaults applied, before the first check. */
export interface ResolvedOptions {
  readonly app: string;
  readonly channel: string;
  readonly metadataUrl: string;
  readonly targetsUrls: readonly string[];
  /** Sent only to the addresses above. @defaultValue none */
  readonly requestHeaders?: RequestHeaders;
  /** Called on first use. @throws UpdateError `OPTIONS_CONFIG_MISSING` */
  readonly readAnchor: () => Promise<Anchor>;
  /** Called when the first signature of a Sigstore identity is met. @defaultValue none of them counts */
  readonly readTrustedRoot?: () => Promise<Uint8Array | undefined>;
  readonly publisher: PublisherKeySet | 'none';
  readonly versionFloor?: string;
  /** @defaultValue none */
  readonly windowsPublishers?: readonly string[];
  /** The private directory that holds this installation's updates. */
  readonly directory: string;
  /** The private directory that all copies of the app of this user share. @defaultValue `directory` */
  readonly userDirectory?: string;
  readonly settings: UpdaterSettings;
  /** The administrator's policy file. @defaultValue this app's machine-wide policy file; see docs/policy.md */
  readonly policyFile?: string;
}

/** What an app may give in code: settings, and replacements for embedded files. */
interface CodeOptions extends UpdaterSettings {
  readonly root?: Uint8Array;
  readonly trustedRoot?: Uint8Array;
  readonly requestHeaders?: RequestHeaders;
}

/** Combines a checked configuration with what the app gives in code. Reads embedded files from `embedded` at first use. */
export function resolveOptions(
  config: UpdateConfig,
  options: CodeOptions,
  embedded: string,
): Omit<ResolvedOptions, 'directory' | 'userDirectory'> {
  const { app, channel, metadataUrl, targetsUrls, publisher, versionFloor, windowsPublishers } = config;
  return {
    app,
    channel,
    metadataUrl,
    targetsUrls,
    publisher,
    ...omitUndefined({ requestHeaders: options.requestHeaders, versionFloor, windowsPublishers }),
    readAnchor: async () => ({ type: 'root', bytes: options.root ?? (await readEmbeddedRoot(embedded)) }),
    readTrustedRoot: async () => options.trustedRoot ?? readTrustedRoot(embedded),
    settings: options,
  };
}

/**
 * Composes the manager with everything it needs. Reads, writes and fetches nothing before the manager's first use.
 * @throws UpdateError `OPTIONS_INVALID` for settings that are not valid
 */
export function composeUpdater(options: ResolvedOptions, adapters: Adapters): UpdateManager {
  const { host, clock, logger, spawn } = adapters;
  const { app, directory, channel, versionFloor } = options;
  const policyFile = options.policyFile ?? policyPath(host.facts.platform, host.facts.env, app);
  return new UpdateManager({
    app,
    defaultChannel: channel,
    ...omitUndefined({ versionFloor }),
    host,
    clock,
    logger,
    spawn,
    preferences: openPreferences(directory, logger, options.userDirectory),
    settings: resolveSettings(options.settings),
    history: openHistory(directory, logger),
    instances: openRunningInstances(directory, logger),
    random: adapters.random ?? Math.random,
    readPolicy: async () =>
      readPolicyFile(policyFile, adapters.policyOwner === undefined ? {} : { trustedUid: adapters.policyOwner }),
    createServices: async (wanted) => (await import('./services.ts')).createServices(options, adapters, wanted),
  });
}

/** Each installation has its own directory, so that two copies of an app do not share a staged update. */
export function updatesDirectory(facts: AppFacts, app: string): string {
  const hash = createHash('sha256').update(installPath(facts)).digest('hex').slice(0, 16);
  return join(userUpdatesDirectory(facts, app), hash);
}

/** What belongs to app and user, wherever copies of the app lie. */
export function userUpdatesDirectory(facts: Pick<AppFacts, 'stateHome'>, app: string): string {
  return join(facts.stateHome, app, 'updates');
}
