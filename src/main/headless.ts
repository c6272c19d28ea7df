import { join } from 'node:path';

import { composeUpdater, resolveOptions, updatesDirectory, userUpdatesDirectory } from './compose.ts';
import { createNodeHttpClient } from './http/node-client.ts';
import type { UpdaterSettings } from './manager/policy/settings.ts';
import type { RequestHeaders } from './http/own-headers.ts';
import type { Updater } from './manager/updater.ts';
import { systemClock } from './node/clock.ts';
import { createNodeHost, type NodeHostOptions } from './node/host.ts';
import { silentLogger } from './node/logger.ts';
import { nodeSpawn } from './node/spawn.ts';
import { checkedConfig, readUpdateConfig } from './options.ts';
import type { AppFacts, Logger } from './ports.ts';
import type { UpdateConfig } from '../shared/update-config.ts';

export type { FirstStartLimits, Logger } from './ports.ts';
export type { RequestHeaders } from './http/own-headers.ts';
export type { NodeHostOptions } from './node/host.ts';
export type { AutomaticOptions, StepBack, UpdaterSettings } from './manager/policy/settings.ts';
export type { ChannelOptions, CheckOptions, InstallOptions, Updater } from './manager/updater.ts';
export type * from '../shared/state.ts';
export { UpdateError, type UpdateErrorCode, type UpdateErrorData } from '../shared/errors.ts';

/** Options of {@link createHeadlessUpdater}. See docs/options.md. */
export interface HeadlessOptions extends NodeHostOptions, UpdaterSettings {
  /** Directory of `update.json` and `root.json`. @defaultValue `update/` in the resources directory */
  readonly configDirectory?: string;
  /** The update configuration. @defaultValue `update.json` in `configDirectory` */
  readonly config?: UpdateConfig;
  /** Bytes of the trusted root. @defaultValue `root.json` in `configDirectory` */
  readonly root?: Uint8Array;
  /**
   * Bytes of Sigstore's trusted root, for Sigstore identities among the repository's keys.
   * @defaultValue `trusted_root.json` beside it, if there is one
   */
  readonly trustedRoot?: Uint8Array;
  /** Directory of this installation's updates. @defaultValue one for each installation, in the user's local state */
  readonly stateDirectory?: string;
  /** @defaultValue nothing is logged */
  readonly logger?: Logger;
  /**
   * Headers for every request to the addresses in `config`, such as a token for a private server. A function is called
   * for each request. They are sent to no other origin, not even after a redirect. @defaultValue none
   */
  readonly requestHeaders?: RequestHeaders;
}

/**
 * Creates the complete updater for plain Node: for tests, services, and apps that are packaged without Electron. Resolves
 * once an interrupted install was finished or undone.
 * @throws UpdateError `OPTIONS_INVALID`, `OPTIONS_CONFIG_MISSING`, `OPTIONS_CONFIG_INVALID`
 */
export async function createHeadlessUpdater(options: HeadlessOptions): Promise<Updater> {
  const host = createNodeHost(options);
  const embedded = options.configDirectory ?? join(host.facts.resourcesPath, 'update');
  const config = options.config === undefined ? readUpdateConfig(embedded) : checkedConfig(options.config);
  const updater = composeUpdater(
    {
      ...resolveOptions(config, options, embedded),
      ...directoriesOf(options.stateDirectory, host.facts, config.app),
    },
    {
      host,
      openHttp: () => Promise.resolve(createNodeHttpClient()),
      clock: systemClock,
      spawn: nodeSpawn,
      logger: options.logger ?? silentLogger,
    },
  );
  await updater.whenReady();
  return updater;
}

function directoriesOf(
  stateDirectory: string | undefined,
  facts: AppFacts,
  app: string,
): { readonly directory: string; readonly userDirectory: string } {
  if (stateDirectory !== undefined) return { directory: stateDirectory, userDirectory: stateDirectory };
  return { directory: updatesDirectory(facts, app), userDirectory: userUpdatesDirectory(facts, app) };
}
