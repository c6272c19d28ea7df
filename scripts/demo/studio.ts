import type { SigningKey } from '../../src/publish/keys/key-file.ts';
import { setExpiry } from '../../src/repository/index.ts';
import { textOf } from '../../src/shared/errors.ts';
import { describeElectron } from '../electron/electron-dist.ts';
import { type InstalledApp, installDemo } from './installed-app.ts';
import { createLightBuilder, type LightBuilder } from './light-builds.ts';
import { createNetwork, type Network } from './network.ts';
import { processesOf } from './processes.ts';
import { createDemoWorld, createSigningKey, type DemoWorld } from './world.ts';

/** A release as the control strip lists it. */
interface StudioRelease {
  readonly version: string;
  readonly channel: 'stable' | 'beta';
  /** The percentage of installations that are offered it. */
  readonly share: number;
  readonly withdrawn: boolean;
  /** Whether it exits at once when started. */
  readonly broken: boolean;
  /** Whether it was published by a thief who has RSTUF's online key but not the publisher's key. */
  readonly forged: boolean;
}

interface StudioEvent {
  /** Increases with each change. */
  readonly id: number;
  readonly text: string;
  readonly failed: boolean;
}

export interface StudioState {
  /** The Electron that shows the windows. */
  readonly shell: string;
  readonly repository: string;
  /** Newest first. */
  readonly releases: readonly StudioRelease[];
  readonly serverUp: boolean;
  readonly slow: boolean;
  readonly tampering: boolean;
  readonly frozen: boolean;
  /** The latest actions, newest first. */
  readonly log: readonly StudioEvent[];
}

/** The buttons of the control strip. */
export type StudioAction =
  | 'publish'
  | 'publish-beta'
  | 'publish-broken'
  | 'publish-share'
  | 'complete-rollout'
  | 'withdraw'
  | 'forge'
  | 'tamper'
  | 'freeze'
  | 'server'
  | 'slow'
  | 'start-app';

/** Publisher, repository, network and an installed Notes, controlled by hand. */
export interface Studio {
  state(): StudioState;
  /** Runs actions one at a time, in the order of the clicks. */
  act(action: StudioAction): Promise<void>;
  readonly home: string;
  close(): Promise<void>;
}

/** Bytes per second of the slow network, at which an update takes some seconds. */
const slowRate = 2_500_000;
const installerSize = 12_000_000;
/**
 * How long a frozen timestamp stays valid: long enough to check for updates once before it expires, and again
 * afterwards.
 */
const frozenMs = 20_000;
const dayMs = 86_400_000;

export async function createStudio(directory: string): Promise<Studio> {
  let network: Network | undefined;
  const world = await createDemoWorld(directory, {
    async between(repository) {
      network = await createNetwork(repository);
      return network.url;
    },
  });
  if (network === undefined) throw new Error('The world was created without its network.');
  const builder = await createLightBuilder(directory, world.update);
  const app = await installDemo(await builder.build({ version: '1.0.0', size: installerSize }), `${directory}/home`);
  network.bytesPerSecond = slowRate;
  const thief = await createSigningKey(`${directory}/thief.pem`);
  return studioOf({ directory, world, network, builder, app, thief });
}

interface Parts {
  readonly directory: string;
  readonly world: DemoWorld;
  readonly network: Network;
  readonly builder: LightBuilder;
  readonly app: InstalledApp;
  /** The key of an attacker who is not the publisher. */
  readonly thief: SigningKey;
}

function studioOf({ directory, world, network, builder, app, thief }: Parts): Studio {
  let releases: readonly StudioRelease[] = [];
  let log: readonly StudioEvent[] = [];
  let running: Promise<void> = Promise.resolve();
  let minor = 0;

  async function publish(change: Partial<StudioRelease> = {}): Promise<string> {
    const { channel = 'stable', share = 100, broken = false, forged = false } = change;
    minor += 1;
    const version = `1.${minor}.0${channel === 'beta' ? '-beta.1' : ''}`;
    const build = await builder.build({ version, size: installerSize, broken });
    const notes = broken ? 'This version does not start. See how the previous version comes back.' : notesOf(minor);
    const rollout = share === 100 ? {} : { rollout: { basisPoints: share * 100 } };
    const policy = { notes: { en: notes }, ...rollout };
    await world.publish(build, { channel, policy, ...(forged ? { forger: thief } : {}) });
    // A publisher who publishes or withdraws a release also removes forged ones.
    releases = [{ version, channel, share, broken, forged, withdrawn: false }, ...releases.filter(isGenuine)];
    if (forged) return `A thief with the stolen online key published ${version}.`;
    const audience = channel === 'beta' ? 'on beta' : share < 100 ? `to ${share} %` : 'to all users';
    return `Published ${version} ${audience}${broken ? '; it does not start' : ''}.`;
  }

  async function change(find: (release: StudioRelease) => boolean, to: Partial<StudioRelease>): Promise<string> {
    const release = releases.find(find);
    if (release === undefined) return 'There is no such release.';
    const { version, channel } = release;
    if (to.withdrawn === true) await world.change(version, { withdrawn: true }, channel);
    else await world.change(version, { rollout: { basisPoints: 10_000 } }, channel);
    releases = releases.filter(isGenuine).map((other) => (other === release ? { ...other, ...to } : other));
    return to.withdrawn === true ? `Withdrew ${version}.` : `${version} is now offered to all users.`;
  }

  /** The repository signs as usual. Only the validity of the timestamp and what clients receive change. */
  async function freeze(): Promise<string> {
    const { store } = world.repository;
    if (network.isFrozen) {
      network.thaw();
      await setExpiry(store, 'timestamp', Date.now() + dayMs);
      return 'Notes receives new metadata again.';
    }
    await setExpiry(store, 'timestamp', Date.now() + frozenMs);
    await network.freeze();
    return `Notes no longer receives new metadata. What it sees expires in ${frozenMs / 1000} seconds: check before and after.`;
  }

  async function perform(action: StudioAction): Promise<string> {
    switch (action) {
      case 'publish':
        return publish();
      case 'publish-beta':
        return publish({ channel: 'beta' });
      case 'publish-broken':
        return publish({ broken: true });
      case 'publish-share':
        return publish({ share: 10 });
      case 'complete-rollout':
        return change(({ share, withdrawn, forged }) => share < 100 && !withdrawn && !forged, { share: 100 });
      case 'withdraw':
        return change(({ withdrawn, forged }) => !withdrawn && !forged, { withdrawn: true });
      case 'forge':
        return publish({ forged: true });
      case 'freeze':
        return freeze();
      case 'tamper':
        network.tampering = !network.tampering;
        return network.tampering
          ? 'An attacker on the network changes bytes of installers.'
          : 'The network delivers installers unchanged again.';
      case 'server':
        await (network.isUp ? network.goDown() : network.goUp());
        return network.isUp ? 'The server is back.' : 'The server is down.';
      case 'slow':
        network.bytesPerSecond = network.bytesPerSecond === undefined ? slowRate : undefined;
        return network.bytesPerSecond === undefined ? 'The network is fast.' : 'The network is slow.';
      case 'start-app':
        if ((await processesOf(`${directory}/apps/`)).length > 0) return 'Notes is already running.';
        await app.start(['--remote-debugging-port=0']);
        return 'Started Notes.';
      default:
        throw new Error(`The control strip has no button ${JSON.stringify(action satisfies never)}.`);
    }
  }

  function note(text: string, failed = false): void {
    log = [{ id: (log[0]?.id ?? 0) + 1, text, failed }, ...log].slice(0, 12);
  }

  async function runNext(previous: Promise<void>, action: StudioAction): Promise<void> {
    await previous;
    try {
      note(await perform(action));
    } catch (error) {
      note(textOf(error), true);
      throw error;
    }
  }

  return {
    home: app.home,
    state: () => ({
      shell: describeElectron(builder.electron),
      repository: world.repository.url,
      releases,
      serverUp: network.isUp,
      slow: network.bytesPerSecond !== undefined,
      tampering: network.tampering,
      frozen: network.isFrozen,
      log,
    }),
    async act(action) {
      const mine = runNext(running, action);
      running = mine.catch(() => undefined);
      return mine;
    },
    async close() {
      await running;
      await network.close();
      await world.close();
    },
  };
}

function isGenuine({ forged }: StudioRelease): boolean {
  return !forged;
}

function notesOf(minor: number): string {
  const notes = [
    '# Calmer and quicker\n\n- **Search** looks through whole notes now\n- Typing in long notes is *twice as fast*',
    '# For long evenings\n\n- The dark theme is warmer\n- `Ctrl N` begins a new note from anywhere',
    '# Small repairs\n\n- The list no longer jumps while you write\n- Dates follow the language of your computer',
  ];
  return notes[(minor - 1) % notes.length] ?? '';
}
