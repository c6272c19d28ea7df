import { installDemo } from './installed-app.ts';
import { createLightBuilder, type LightBuilder } from './light-builds.ts';
import { createNetwork, type Network } from './network.ts';
import { createDemoWorld, type DemoWorld } from './world.ts';

/** A release as the control strip lists it. */
export interface StudioRelease {
  readonly version: string;
  readonly channel: 'stable' | 'beta';
  /** Percent of the installations that are offered it. */
  readonly share: number;
  readonly withdrawn: boolean;
  /** It ends at once when it is started. */
  readonly broken: boolean;
}

export interface StudioState {
  readonly shell: LightBuilder['shell'];
  readonly repository: string;
  /** Newest first. */
  readonly releases: readonly StudioRelease[];
  readonly serverUp: boolean;
  readonly slow: boolean;
  readonly tampering: boolean;
  /** What was done last, newest first. */
  readonly log: readonly string[];
}

/** What a person can do at the control strip. */
export type StudioAction =
  | 'publish'
  | 'publish-beta'
  | 'publish-broken'
  | 'publish-share'
  | 'complete-rollout'
  | 'withdraw'
  | 'tamper'
  | 'server'
  | 'slow'
  | 'start-app';

/** Publisher, repository, network and an installed Notes, moved by hand. */
export interface Studio {
  state(): StudioState;
  /** One at a time, in the order in which they come. */
  act(action: StudioAction): Promise<void>;
  readonly home: string;
  close(): Promise<void>;
}

/** Bytes a second when the network is slow: an update takes some seconds. */
const slowRate = 2_500_000;
const installerSize = 12_000_000;

export async function createStudio(directory: string): Promise<Studio> {
  let network: Network | undefined;
  const world = await createDemoWorld(directory, {
    async between(repository) {
      network = await createNetwork(repository);
      return network.url;
    },
  });
  if (network === undefined) throw new Error('The world was made without its network.');
  const builder = await createLightBuilder(directory, world.update);
  const app = await installDemo(await builder.build({ version: '1.0.0', size: installerSize }), `${directory}/home`);
  network.bytesPerSecond = slowRate;
  return studioOf(world, network, builder, app);
}

function studioOf(
  world: DemoWorld,
  network: Network,
  builder: LightBuilder,
  app: Awaited<ReturnType<typeof installDemo>>,
): Studio {
  let releases: readonly StudioRelease[] = [];
  let log: readonly string[] = [];
  let running: Promise<void> = Promise.resolve();
  let minor = 0;

  async function publish(change: Partial<StudioRelease> = {}): Promise<string> {
    const { channel = 'stable', share = 100, broken = false } = change;
    minor += 1;
    const version = `1.${minor}.0${channel === 'beta' ? '-beta.1' : ''}`;
    const build = await builder.build({ version, size: installerSize, broken });
    const notes = broken ? 'This one does not start: see how the version before comes back.' : notesOf(minor);
    const rollout = share === 100 ? {} : { rollout: { basisPoints: share * 100 } };
    await world.publish(build, { channel, policy: { notes: { en: notes }, ...rollout } });
    releases = [{ version, channel, share, broken, withdrawn: false }, ...releases];
    const audience = channel === 'beta' ? 'on beta' : share < 100 ? `to ${share} %` : 'to everybody';
    return `Published ${version} ${audience}${broken ? '; it does not start' : ''}.`;
  }

  async function change(find: (release: StudioRelease) => boolean, to: Partial<StudioRelease>): Promise<string> {
    const release = releases.find(find);
    if (release === undefined) return 'There is no such release.';
    const { version, channel } = release;
    if (to.withdrawn === true) await world.change(version, { withdrawn: true }, channel);
    else await world.change(version, { rollout: { basisPoints: 10_000 } }, channel);
    releases = releases.map((other) => (other === release ? { ...other, ...to } : other));
    return to.withdrawn === true ? `Withdrew ${version}.` : `${version} is for everybody now.`;
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
        return change(({ share, withdrawn }) => share < 100 && !withdrawn, { share: 100 });
      case 'withdraw':
        return change(({ withdrawn }) => !withdrawn, { withdrawn: true });
      case 'tamper':
        network.tampering = !network.tampering;
        return network.tampering ? 'Somebody on the way changes bytes of installers.' : 'Nobody meddles any more.';
      case 'server':
        await (network.isUp ? network.goDown() : network.goUp());
        return network.isUp ? 'The server is back.' : 'The server is down.';
      case 'slow':
        network.bytesPerSecond = network.bytesPerSecond === undefined ? slowRate : undefined;
        return network.bytesPerSecond === undefined ? 'The network is fast.' : 'The network is slow.';
      case 'start-app':
        await app.start(['--remote-debugging-port=0']);
        return 'Started Notes.';
    }
  }

  async function afterwards(others: Promise<void>, action: StudioAction): Promise<void> {
    await others;
    log = [await perform(action), ...log].slice(0, 12);
  }

  return {
    home: app.home,
    state: () => ({
      shell: builder.shell,
      repository: world.repository.url,
      releases,
      serverUp: network.isUp,
      slow: network.bytesPerSecond !== undefined,
      tampering: network.tampering,
      log,
    }),
    async act(action) {
      const mine = afterwards(running, action);
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

function notesOf(minor: number): string {
  const news = [
    '# Calmer and quicker\n\n- **Search** looks through whole notes now\n- Typing in long notes is *twice as fast*',
    '# For long evenings\n\n- The dark theme is warmer\n- `Ctrl N` begins a new note from anywhere',
    '# Small repairs\n\n- The list no longer jumps while you write\n- Dates follow the language of your computer',
  ];
  return news[(minor - 1) % news.length] ?? '';
}
