import type { EventEmitter } from 'node:events';

import type { Updater } from '../main/manager/updater.ts';
import { toUpdateError, UpdateError, type UpdateErrorData } from '../shared/errors.ts';
import type { ReleaseSummary, UpdateState } from '../shared/state.ts';
import { CancellationToken, type CancelSignal } from './cancellation.ts';
import type { WantedChannel } from './channel-choice.ts';
import { InOrder } from './in-order.ts';
import { infoOf, infoOfVersion, type InfoFacts, type UpdateInfo } from './payloads.ts';
import { errorIn, eventsBetween, type StateEvent } from './state-events.ts';
import type { AppUpdaterEvents, Logger, UpdateCheckResult, VerifyUpdateSupport } from './types.ts';

/** An app's settings, and the receivers of events. */
export interface FlowOptions {
  /** @throws UpdateError if the updater cannot be created */
  readonly open: () => Updater;
  readonly events: EventEmitter<AppUpdaterEvents>;
  readonly logger: () => Logger;
  readonly autoDownload: () => boolean;
  readonly fullChangelog: () => boolean;
  /** The app's own decisions about a release. Usually there are none. */
  readonly rules: () => readonly VerifyUpdateSupport[];
  readonly channel: () => WantedChannel | undefined;
}

/** Drives an {@link Updater} the way electron-updater works: calls become requests, states become events. */
export class UpdateFlow {
  readonly #options: FlowOptions;
  readonly #order = new InOrder();
  readonly #errors = new WeakMap<UpdateErrorData, UpdateError>();
  readonly #told = new WeakSet<UpdateError>();
  /** Versions that the app's own rules hold back, and the errors of failed rules. */
  readonly #held = new Map<string, UpdateError | undefined>();
  /** Guessed channels, and whether they exist. */
  readonly #guesses = new Map<string, boolean>();
  #updater: Updater | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  /** Opens the updater on first use. @throws UpdateError if it cannot be created */
  updater(): Updater {
    if (this.#updater !== undefined) return this.#updater;
    const updater = this.#options.open();
    let before = updater.state;
    updater.subscribe((state) => {
      const happened = eventsBetween(before, state);
      before = state;
      for (const event of happened) this.#push(event, updater);
    });
    this.#updater = updater;
    return updater;
  }

  /** Whether the app's own rules hold this version back. True while a rule has not answered. */
  holdsBack(version: string): boolean {
    return this.#held.has(version);
  }

  /** The channel that the app requests, unless it was guessed and does not exist. */
  channel(): string | undefined {
    const wanted = this.#options.channel();
    return wanted === undefined || this.#guesses.get(wanted.name) === false ? undefined : wanted.name;
  }

  async check(): Promise<UpdateCheckResult | null> {
    return this.#telling(async () => {
      const updater = this.updater();
      await this.#lookForGuess(updater);
      // The call does not tell whether a person asked, so skipped and postponed versions stay so.
      const state = await updater.check({ manual: false, patience: 'quick' });
      await this.#order.settled();
      return this.#result(state, updater);
    });
  }

  async download(token: CancelSignal): Promise<string[]> {
    return this.#telling(async () => {
      const updater = this.updater();
      const { state } = updater;
      if (state.type === 'staged') return pathsOf(updater);
      if (token.cancelled) throw cancelled();
      if ('release' in state && this.holdsBack(state.release.version)) {
        throw new UpdateError('MANAGER_WRONG_STATE', 'The app itself holds this version back.');
      }
      return this.#run(updater, token);
    });
  }

  /** Reports errors only by the event. */
  install(relaunch: boolean, announce: () => void): void {
    const work = this.#telling(async () => {
      const updater = this.updater();
      if (updater.state.type === 'staged') announce();
      return updater.install('now', { relaunch });
    });
    work.catch(() => undefined);
  }

  async #run(updater: Updater, token: CancelSignal): Promise<string[]> {
    let isRunning = true;
    token.once('cancel', () => {
      if (isRunning) updater.cancel();
    });
    try {
      const state = await updater.download();
      await this.#order.settled();
      if (state.type === 'staged') return await pathsOf(updater);
      const error = errorIn(state);
      throw error === undefined ? cancelled() : this.#errorOf(error);
    } finally {
      isRunning = false;
    }
  }

  #result(state: UpdateState, updater: Updater): UpdateCheckResult | null {
    if (state.type === 'disabled') {
      if (state.reason === 'misconfigured') throw new UpdateError('OPTIONS_CONFIG_INVALID', state.message);
      this.#options.logger().info(`Skip checkForUpdates: ${state.message}`);
      return null;
    }
    const error = errorIn(state);
    if (error !== undefined && state.type !== 'staged') throw this.#errorOf(error);
    if (!('release' in state)) return resultOf(false, infoOfVersion(updater.version, this.#facts(updater)));
    const info = infoOf(state.release, this.#facts(updater));
    const held = this.#held.get(info.version);
    if (held !== undefined) throw held;
    if (this.holdsBack(info.version)) return resultOf(false, info);
    const cancellationToken = new CancellationToken();
    const mayDownload = this.#options.autoDownload() && !('deferred' in state && state.deferred !== undefined);
    const downloadPromise = mayDownload ? this.download(cancellationToken) : null;
    // Apps that ignore the promise learn of a failure from the event.
    downloadPromise?.catch(() => undefined);
    return { ...resultOf(true, info), cancellationToken, downloadPromise };
  }

  /** If a pre-release channel does not exist, logs that and stays on the app's own channel. */
  async #lookForGuess(updater: Updater): Promise<void> {
    const wanted = this.#options.channel();
    if (wanted === undefined || !wanted.guessed || this.#guesses.has(wanted.name)) return;
    try {
      await updater.previewChannel(wanted.name);
      this.#guesses.set(wanted.name, true);
    } catch (error) {
      const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
      // Any other error may be temporary, and the next check reports it.
      if (code !== 'TRUST_TARGET_UNKNOWN' && code !== 'RELEASE_NO_ARTIFACT') return;
      this.#guesses.set(wanted.name, false);
      this.#options
        .logger()
        .warn(
          `autoUpdater.allowPrerelease: there is no channel "${wanted.name}", so the build's channel is used. ${message}`,
        );
    }
  }

  #facts(updater: Updater): InfoFacts {
    return { listed: updater.lastReleases, version: updater.version, fullChangelog: this.#options.fullChangelog() };
  }

  #push(event: StateEvent, updater: Updater): void {
    const asks = event.name === 'update-available' && this.#options.rules().length > 0;
    if (event.name === 'update-available') this.#held.delete(event.release.version);
    if (asks) this.#held.set(event.release.version, undefined);
    this.#order.add(() => {
      const takesTime = asks || event.name === 'update-downloaded';
      return takesTime ? this.#safely(() => this.#tellLater(event, updater)) : this.#tell(event, updater);
    });
  }

  async #tellLater(event: StateEvent, updater: Updater): Promise<void> {
    if (event.name === 'update-available' && !(await this.#passes(event.release, updater))) {
      if (this.#held.get(event.release.version) === undefined) {
        this.#options.events.emit('update-not-available', infoOf(event.release, this.#facts(updater)));
      }
      return;
    }
    if (event.name !== 'update-downloaded') {
      this.#tell(event, updater);
    } else if (!this.holdsBack(event.release.version)) {
      const [downloadedFile = ''] = await pathsOf(updater);
      this.#options.events.emit(event.name, { ...infoOf(event.release, this.#facts(updater)), downloadedFile });
    }
  }

  /** Calls the app's own rules. A rule that fails holds the release back, and the check fails with its error. */
  async #passes(release: ReleaseSummary, updater: Updater): Promise<boolean> {
    const info = infoOf(release, this.#facts(updater));
    try {
      for (const rule of this.#options.rules()) {
        if (!(await rule(info))) return false;
      }
    } catch (error) {
      this.#held.set(release.version, toUpdateError(error, 'MANAGER_UNEXPECTED'));
      return false;
    }
    this.#held.delete(release.version);
    return true;
  }

  #tell(event: StateEvent, updater: Updater): undefined {
    const { events } = this.#options;
    switch (event.name) {
      case 'checking-for-update':
        events.emit(event.name);
        return;
      case 'update-not-available':
        events.emit(event.name, infoOfVersion(updater.version, this.#facts(updater)));
        return;
      case 'download-progress':
        events.emit(event.name, event.progress);
        return;
      case 'error':
        this.#tellError(this.#errorOf(event.error));
        return;
      case 'update-downloaded':
        throw new Error('It is told with its path.');
      default:
        events.emit(event.name, infoOf(event.release, this.#facts(updater)));
    }
  }

  /** Rejects with the error after an `error` event. As in electron-updater, a cancelled download is not an error. */
  async #telling<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
      if (failure.code !== 'CANCELLED') this.#tellError(failure);
      throw failure;
    }
  }

  /** Emits each error once. Without a listener, logs it instead, so that the app does not crash. */
  #tellError(error: UpdateError): void {
    if (this.#told.has(error)) return;
    this.#told.add(error);
    this.#options.logger().error(`Error: ${error.code}: ${error.message}`);
    if (this.#options.events.listenerCount('error') > 0) this.#options.events.emit('error', error, error.message);
  }

  /** The same error for the event and the rejection. */
  #errorOf(data: UpdateErrorData): UpdateError {
    const known = this.#errors.get(data);
    if (known !== undefined) return known;
    const { code, message, ...rest } = data;
    const error = new UpdateError(code, message, rest);
    this.#errors.set(data, error);
    return error;
  }

  async #safely(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options
        .logger()
        .error(`A listener of autoUpdater failed: ${toUpdateError(error, 'MANAGER_UNEXPECTED').message}`);
    }
  }
}

async function pathsOf(updater: Updater): Promise<string[]> {
  const path = await updater.stagedFile();
  return path === undefined ? [] : [path];
}

function resultOf(isUpdateAvailable: boolean, updateInfo: UpdateInfo): UpdateCheckResult {
  return { isUpdateAvailable, updateInfo, versionInfo: updateInfo };
}

function cancelled(): UpdateError {
  return new UpdateError('CANCELLED', 'The download was cancelled.');
}
