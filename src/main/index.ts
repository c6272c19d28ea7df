import { join } from 'node:path';

import type { Session } from 'electron';

import { omitUndefined } from '../shared/omit-undefined.ts';
import { misconfigured } from '../shared/explanation.ts';
import type { UpdateConfig } from '../shared/update-config.ts';
import { composeUpdater, resolveOptions, updatesDirectory, userUpdatesDirectory } from './compose.ts';
import { afterFirstWindow } from './electron/after-first-window.ts';
import { createElectronHost } from './electron/host.ts';
import { guardFirstStart } from './electron/first-start.ts';
import { confirmWhenLoaded, healthyAfter } from './electron/health.ts';
import type { ProxyLogin } from './electron/net-client.ts';
import { createSquirrelMac } from './electron/squirrel-mac.ts';
import type { RequestHeaders } from './http/own-headers.ts';
import { hasInstallJournal } from './install/state/install-journal.ts';
import { systemClock } from './node/clock.ts';
import { silentLogger } from './node/logger.ts';
import { nodeSpawn } from './node/spawn.ts';
import type { UpdaterSettings } from './manager/policy/settings.ts';
import type { Updater } from './manager/updater.ts';
import { UpdateError } from '../shared/errors.ts';
import { checkedConfig, readUpdateConfig } from './options.ts';
import type { Logger } from './ports.ts';
import { hasStagedRecord } from './staging/record-path.ts';

export { confirmDowngrade } from './electron/dialogs/downgrade.ts';
export type { DialogOptions } from './electron/dialogs/message-box.ts';
export { standardDialogs, type StandardDialogs } from './electron/dialogs/standard.ts';
export { exposeUpdater, type ExposeOptions } from './electron/ipc/expose.ts';
export { type MenuOptions, updateMenuItem } from './electron/menu.ts';
export type { PluralForms, UpdateLanguage, UpdateStrings, WordsOptions } from './electron/i18n/strings.ts';
export type { AutomaticOptions, StepBack, UpdaterSettings } from './manager/policy/settings.ts';
export type { ProxyLogin } from './electron/net-client.ts';
export type { RequestHeaders } from './http/own-headers.ts';
export type { ChannelOptions, CheckOptions, InstallOptions, Updater } from './manager/updater.ts';
export type { FirstStartLimits, Logger } from './ports.ts';
export type * from '../shared/state.ts';
export type { UpdateConfig } from '../shared/update-config.ts';
export { UpdateError, type UpdateErrorCode, type UpdateErrorData } from '../shared/errors.ts';

/** Options of {@link createUpdater}. All have defaults; see docs/options.md. */
export interface UpdaterOptions extends UpdaterSettings {
  /** The update configuration. @defaultValue `update.json`, which the electron-builder hook embeds */
  readonly config?: UpdateConfig;
  /** Bytes of the trusted root. @defaultValue `root.json`, which the electron-builder hook embeds */
  readonly root?: Uint8Array;
  /**
   * Bytes of Sigstore's trusted root, for Sigstore identities among the repository's keys.
   * @defaultValue `trusted_root.json` beside it, if there is one
   */
  readonly trustedRoot?: Uint8Array;
  /** electron-log, console, or any object with info, warn, error and debug. @defaultValue nothing is logged */
  readonly logger?: Logger;
  /** Also update during development, from the app's `update/` directory. @defaultValue false */
  readonly forceInDevelopment?: boolean;
  /**
   * Headers for every request to the addresses in `config`, such as a token for a private server. A function is called
   * for each request. They are sent to no other origin, not even after a redirect. @defaultValue none
   */
  readonly requestHeaders?: RequestHeaders;
  /** Answers a proxy that asks for credentials. Call `answer()` without credentials to decline. @defaultValue declines */
  readonly onProxyLogin?: ProxyLogin;
  /**
   * Called once with the updater's own in-memory session, to set its proxy and certificate settings. @defaultValue none
   */
  readonly configureSession?: (session: Session) => void | Promise<void>;
  /**
   * Seconds that a window's page must stay loaded before this version counts as working. A version that does not reach
   * this is rolled back, if the kind of installation allows it. `manual`: the app calls `confirmHealthy()` itself, as an
   * app without windows must. More than 0, at most 3600. @defaultValue 10
   */
  readonly healthyAfterSeconds?: number | 'manual';
}

/**
 * Creates the update manager of this app. Synchronous: reads only `update.json`, and fetches nothing before the first
 * check. Call it once, early: it also finishes or undoes an interrupted install. If there is none, and nothing is staged,
 * the rest of the updater is loaded after the app's first window.
 * @throws UpdateError `OPTIONS_INVALID`; in development also `OPTIONS_CONFIG_MISSING` and `OPTIONS_CONFIG_INVALID`. A
 * packaged app gets a disabled updater with the reason `misconfigured` instead
 */
export function createUpdater(options: UpdaterOptions = {}): Updater {
  const healthyAfterSeconds = healthyAfter(options.healthyAfterSeconds);
  const host = createElectronHost();
  const logger = options.logger ?? silentLogger;
  const embedded = join(host.facts.resourcesPath, 'update');
  const isOff = !host.facts.isPackaged && options.forceInDevelopment !== true;
  const { config, problem } = configOf(options.config, isOff ? undefined : embedded, host.facts.isPackaged);
  const directory = updatesDirectory(host.facts, config.app);
  const release = isOff || problem !== undefined ? () => undefined : guardFirstStart(directory, logger);
  const updater = composeUpdater(
    {
      ...resolveOptions(config, options, embedded),
      directory,
      userDirectory: userUpdatesDirectory(host.facts, config.app),
    },
    {
      host: { ...host, confirmed: release },
      async openHttp() {
        await host.whenReady();
        const { configureSession, onProxyLogin } = options;
        const { createElectronHttpClient } = await import('./electron/net-client.ts');
        return createElectronHttpClient(omitUndefined({ configureSession, onProxyLogin }));
      },
      clock: systemClock,
      spawn: nodeSpawn,
      logger,
      ...(process.platform === 'darwin' ? { squirrel: createSquirrelMac() } : {}),
    },
  );
  if (problem !== undefined) {
    logger.error(`Updates are off: ${problem.code} ${problem.message}`);
    updater.disable('misconfigured', misconfigured(problem));
    return updater;
  }
  if (isOff) {
    updater.disable('development', { reason: 'development', params: {} });
    return updater;
  }
  const start = (): void => {
    updater.whenReady().catch((error: unknown) => logger.error('The updater could not start.', error));
  };
  if (hasInstallJournal(directory) || hasStagedRecord(directory)) start();
  else afterFirstWindow(start);
  if (healthyAfterSeconds !== 'manual') confirmWhenLoaded(updater, healthyAfterSeconds, logger);
  return updater;
}

/**
 * The configuration to use. If it is missing or invalid in a packaged app, the updater is disabled, so that the user's app
 * still starts. In development this throws, because the developer can correct it.
 */
function configOf(
  given: UpdateConfig | undefined,
  embedded: string | undefined,
  isPackaged: boolean,
): { readonly config: UpdateConfig; readonly problem?: UpdateError } {
  try {
    if (given !== undefined) return { config: checkedConfig(given) };
    return { config: embedded === undefined ? placeholder : readUpdateConfig(embedded) };
  } catch (error) {
    if (!(error instanceof UpdateError) || !isPackaged) throw error;
    return { config: placeholder, problem: error };
  }
}

/** Stands in for a missing configuration. The updater is disabled then. */
const placeholder: UpdateConfig = {
  schema: 1,
  app: 'not.configured',
  metadataUrl: 'https://localhost/',
  targetsUrls: ['https://localhost/'],
  channel: 'stable',
  publisher: 'none',
};
