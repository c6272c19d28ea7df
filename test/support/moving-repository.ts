import { anyKey, plainPlan, type RepositoryPlan, writePlan } from './signed-world.ts';
import { serveDirectory } from './web-server.ts';

/** A repository that has moved on each time somebody asks for its timestamp; one for each first segment of the path. */
export interface MovingRepository {
  /** The first root. */
  readonly anchor: Uint8Array;
  metadataUrl(lane: string): string;
  /** The version that the lane's next timestamp has, from now on without moving. */
  hold(lane: string, version: number): void;
  close(): Promise<void>;
}

const key = anyKey('ed25519');
/** Every so many versions there is a new root. */
const rootEvery = 3;

function stateAt(version: number): RepositoryPlan {
  return {
    ...plainPlan([key]),
    rootVersion: rootOf(version),
    versions: { timestamp: version, snapshot: version, targets: version, a: version, b: version },
    announces: ['length', 'sha256'],
  };
}

function rootOf(version: number): number {
  return 1 + Math.floor(version / rootEvery);
}

/** Serves it on a free loopback port. */
export async function serveMovingRepository(): Promise<MovingRepository> {
  const written = new Map<number, ReadonlyMap<string, Uint8Array>>();
  const filesAt = (version: number): ReadonlyMap<string, Uint8Array> => {
    const files = written.get(version) ?? writePlan(stateAt(version));
    written.set(version, files);
    return files;
  };
  const [versions, held] = [new Map<string, number>(), new Set<string>()];
  const fileOf = (lane: string, name: string): Uint8Array | undefined => {
    const now = versions.get(lane) ?? 1;
    const number = Number(/^\d+/.exec(name)?.[0] ?? 0);
    if (name === 'timestamp.json') {
      if (!held.has(lane)) versions.set(lane, now + 1);
      return filesAt(now).get(name);
    }
    if (!name.endsWith('.root.json')) return filesAt(number).get(name);
    return number <= rootOf(now) ? filesAt(Math.max(1, (number - 1) * rootEvery)).get(name) : undefined;
  };
  const web = await serveDirectory('/nowhere');
  web.answer = (path, response) => {
    const [, lane = '', name = ''] = path.split('/');
    const bytes = fileOf(lane, name);
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    return Promise.resolve(true);
  };
  return {
    anchor: filesAt(1).get('1.root.json') ?? Buffer.alloc(0),
    metadataUrl: (lane) => `${web.url}/${lane}/`,
    hold(lane, version) {
      held.add(lane);
      versions.set(lane, version);
    },
    close: () => web.close(),
  };
}
