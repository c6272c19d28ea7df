import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { AppFacts, Clock, InstallHook, InstallVerdict, SquirrelMac } from '../ports.ts';
import type { HookContext } from './hook.ts';
import { type Feed, serveFeed } from './squirrel-mac/feed.ts';

/** Milliseconds that Squirrel.Mac may take to fetch, unpack and check an update. */
const handoverMs = 10 * 60_000;

/**
 * Hands the verified zip to Squirrel.Mac, which checks the app's code signature and replaces the app when it quits. It
 * installs what it was given whatever is said later, so nothing is handed over before the commit.
 */
export function createSquirrelMacHook({ facts, directory, squirrel, clock, logger }: HookContext): InstallHook {
  const handover = join(directory, 'handover');
  const zip = join(handover, 'update.zip');

  return {
    kind: 'mac-zip',
    canInstall: () => Promise.resolve(judgePlace(facts, squirrel)),

    async prepare(job) {
      await rm(handover, { recursive: true, force: true });
      await mkdir(handover, { recursive: true, mode: 0o700 });
      await job.file.copyTo(zip, 0o600);
    },

    async commit(job) {
      if (squirrel === undefined) throw new UpdateError('INSTALL_UNSUPPORTED', noSquirrel.what);
      const feed = await serveFeed(zip, logger);
      try {
        await handOver(squirrel, feed, clock);
      } finally {
        await feed.close();
      }
      if (job.relaunch !== undefined) squirrel.quitAndInstall();
      return { launch: undefined, handedOver: true };
    },

    async cleanup() {
      await rm(handover, { recursive: true, force: true });
    },

    /** Squirrel.Mac has replaced the app as a whole: the way back is a download of the previous version. */
    restore: () => Promise.resolve(false),
    retires: true,
  };
}

/** Resolves once Squirrel.Mac has the update and will install it when the app quits. */
function handOver(squirrel: SquirrelMac, feed: Feed, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: UpdateError): void => {
      for (const stop of stops) stop();
      if (error === undefined) resolve();
      else reject(error);
    };
    const stops = [
      squirrel.onDownloaded(() => settle()),
      squirrel.onError((error) => settle(refused(textOf(error), error))),
      clock.after(handoverMs, () => settle(refused('it did not answer in time'))),
    ];
    try {
      squirrel.setFeedUrl({ url: feed.url, headers: feed.headers });
      squirrel.checkForUpdates();
    } catch (error) {
      settle(refused(textOf(error), error));
    }
  });
}

function refused(why: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'INSTALL_FAILED',
    `macOS did not take the update: ${why}. The installed app is unchanged; try again, or install the new version by hand.`,
    { cause },
  );
}

const noSquirrel = {
  ok: false,
  state: 'disabled',
  what: "Updates on macOS need Electron's own updater, which is not there.",
  how: 'Install new versions by hand.',
} as const;

/** Gatekeeper runs a quarantined app from a random read-only place; a disk image is read-only too. */
function judgePlace({ execPath }: AppFacts, squirrel: SquirrelMac | undefined): InstallVerdict {
  if (squirrel === undefined) return noSquirrel;
  if (!/\/AppTranslocation\/|^\/Volumes\//.test(execPath)) return { ok: true };
  return {
    ok: false,
    state: 'needs-attention',
    what: 'The app runs from a place that can not be changed.',
    how: 'Move it to the Applications folder with the Finder, open it there, and check for updates again.',
  };
}
