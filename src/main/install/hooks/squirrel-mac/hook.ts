import { constants } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { systemCode, textOf, UpdateError } from '../../../../shared/errors.ts';
import type { Explanation } from '../../../../shared/explanation.ts';
import type { AppFacts, Clock, InstallHook, InstallVerdict, SquirrelMac } from '../../../ports.ts';
import type { HookContext } from '../../hook-context.ts';
import { type Feed, serveFeed } from './feed.ts';

/** Time in milliseconds for Squirrel.Mac to fetch, unpack and check an update. */
const handoverMs = 10 * 60_000;

/**
 * Hands the verified zip to Squirrel.Mac, which checks the app's code signature and replaces the app when it quits. A
 * hand-over cannot be withdrawn, so it happens only at the commit.
 */
export function createSquirrelMacHook({ facts, directory, squirrel, clock, logger }: HookContext): InstallHook {
  const handover = join(directory, 'handover');
  const zip = join(handover, 'update.zip');
  /** A second check would make Squirrel.Mac forget the first update, so there is only one at a time. */
  let isBusy = false;
  let stopListening: (() => void) | undefined;

  return {
    kind: 'mac-zip',
    canInstall: async () => checkBundleLocation(facts, squirrel, await placeOf(facts.execPath)),

    async prepare(job) {
      await rm(handover, { recursive: true, force: true });
      await mkdir(handover, { recursive: true, mode: 0o700 });
      await job.file.copyTo(zip, 0o600);
    },

    async commit(job) {
      if (squirrel === undefined) {
        throw new UpdateError('INSTALL_UNSUPPORTED', "Electron's own updater, which macOS needs, is missing.");
      }
      if (isBusy) throw refused('it is still busy with an earlier update. Quit and open the app first');
      // Errors may come long after the hand-over. Without a listener, the emitter would throw them.
      stopListening ??= squirrel.onError((error) => logger.warn(`install: Squirrel.Mac: ${textOf(error)}`));
      const feed = await serveFeed(zip, logger);
      isBusy = true;
      const answer = await handOver(squirrel, feed, clock);
      await feed.close();
      if (answer === 'none') throw refused('it did not answer in time');
      if (answer !== 'taken') {
        isBusy = false;
        throw refused(textOf(answer), answer);
      }
      // Squirrel.Mac now waits for the app to end. It starts the new version only after `quitAndInstall`.
      const quit = job.relaunch === undefined ? {} : { quit: () => squirrel.quitAndInstall() };
      return { launch: undefined, handedOver: true, ...quit };
    },

    async cleanup() {
      await rm(handover, { recursive: true, force: true });
    },

    /** Squirrel.Mac replaces the whole app. A person can go back by downloading the previous version. */
    restore: () => Promise.resolve(false),
  };
}

/**
 * Resolves `taken` once Squirrel.Mac will install the update when the app quits, and `none` if it does not answer in
 * time.
 */
function handOver(squirrel: SquirrelMac, feed: Feed, clock: Clock): Promise<'taken' | 'none' | Error> {
  return new Promise((resolve) => {
    const settle = (answer: 'taken' | 'none' | Error): void => {
      for (const stop of stops) stop();
      resolve(answer);
    };
    const stops = [
      squirrel.onDownloaded(() => settle('taken')),
      squirrel.onError(settle),
      clock.after(handoverMs, () => settle('none')),
    ];
    squirrel.check({ url: feed.url, headers: feed.headers }).catch((error: Error) => settle(error));
  });
}

function refused(why: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'INSTALL_FAILED',
    `macOS did not accept the update: ${why}. The installed app is unchanged. Try again, or install the new version by hand.`,
    { cause },
  );
}

const noSquirrel = {
  ok: false,
  state: 'disabled',
  // Electron's own updater is missing.
  explanation: { reason: 'unsupported', remedy: 'install-by-hand', params: {} },
} as const;

/** Whether the app's bundle can be replaced. `owned`: macOS asks for an administrator. */
export type BundleLocation = 'writable' | 'owned' | 'read-only' | 'gone';

function bundleOf(execPath: string): string {
  return execPath.replace(/\/Contents\/MacOS\/[^/]+$/, '');
}

async function placeOf(execPath: string): Promise<BundleLocation> {
  const bundle = bundleOf(execPath);
  try {
    for (const path of [bundle, dirname(bundle)]) await access(path, constants.W_OK);
    return 'writable';
  } catch (error) {
    if (systemCode(error) === 'EROFS') return 'read-only';
    return systemCode(error) === 'ENOENT' ? 'gone' : 'owned';
  }
}

/** Refuses a read-only place: a disk image, or the random path from which Gatekeeper runs a quarantined app. Pure. */
export function checkBundleLocation(
  { execPath }: Pick<AppFacts, 'execPath'>,
  squirrel: SquirrelMac | undefined,
  place: BundleLocation,
): InstallVerdict {
  if (squirrel === undefined) return noSquirrel;
  if (place === 'gone') {
    return refuse({ reason: 'moved', remedy: 'restart-app', params: { path: bundleOf(execPath) } });
  }
  if (place !== 'read-only' && !execPath.includes('/AppTranslocation/')) return { ok: true };
  return refuse({ reason: 'fixed-place', remedy: 'move-to-applications', params: {} });
}

function refuse(explanation: Explanation): InstallVerdict {
  return { ok: false, state: 'needs-attention', explanation };
}
