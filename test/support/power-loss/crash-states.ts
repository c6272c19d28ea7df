import { type Disk, type FileNode, fingerprint, type Inode, type Node } from './disk.ts';

/** Something that happened to a disk. */
export type DiskEvent =
  /** Names came, went or moved in one step. */
  | { readonly type: 'names'; readonly set: ReadonlyMap<string, Inode | undefined> }
  /** A file has this content now. */
  | { readonly type: 'content'; readonly inode: Inode; readonly node: FileNode }
  /** What happened to this file, or to the names in this directory, is durable now: fsync(2). */
  | { readonly type: 'sync'; readonly inode: Inode };

export interface DiskLog {
  readonly start: Disk;
  readonly events: readonly DiskEvent[];
  /** Directories and links that came into being meanwhile. They have no content that could be lost. */
  readonly nodes: ReadonlyMap<Inode, Node>;
}

/** How much of a content that was not synced reached the disk. */
type Content = 'all' | 'half' | 'none';

/**
 * Every disk that a power failure may leave behind, each once. POSIX promises only what was synced: a file's content by
 * fsync of the file, a name by fsync of its directory. Whatever else there is may have reached the disk or not: of the
 * names that were not synced, the first n, or all but one; of the contents, all, half or nothing. Pure.
 */
export function* crashStates(log: DiskLog): Generator<Disk> {
  const seen = new Set<string>();
  for (let end = 0; end <= log.events.length; end += 1) {
    for (const disk of statesAfter({ ...log, events: log.events.slice(0, end) })) {
      const print = fingerprint(disk);
      if (!seen.has(print)) yield disk;
      seen.add(print);
    }
  }
}

/** The disk with all that happened on it. */
export function finalState(log: DiskLog): Disk {
  return applied(log, () => true, 'all');
}

function* statesAfter(log: DiskLog): Generator<Disk> {
  const { events } = log;
  const pending = events.filter((event, index) => event.type === 'names' && !isSynced(event, events.slice(index)));
  const isLost = (lost: readonly DiskEvent[]) => (event: DiskEvent) => !lost.includes(event);
  const losses = [...pending.map((_, index) => pending.slice(index)), ...pending.map((event) => [event]), []];
  for (const lost of losses) {
    for (const content of ['all', 'half', 'none'] as const) yield applied(log, isLost(lost), content);
  }
}

/** Syncing any of the directories that a change touches makes the whole change durable: a rename is one step. */
function isSynced(event: DiskEvent & { readonly type: 'names' }, later: readonly DiskEvent[]): boolean {
  const directories = new Set([...event.set.keys()].map((key) => key.slice(0, key.indexOf('/'))));
  return later.some(({ type, ...rest }) => type === 'sync' && 'inode' in rest && directories.has(rest.inode));
}

function applied(log: DiskLog, isKept: (event: DiskEvent) => boolean, content: Content): Disk {
  const names = new Map(log.start.names);
  const nodes = new Map([...log.start.nodes, ...log.nodes]);
  for (const event of log.events) {
    if (event.type !== 'names' || !isKept(event)) continue;
    for (const [key, inode] of event.set) {
      if (inode === undefined) names.delete(key);
      else names.set(key, inode);
      if (inode !== undefined && !nodes.has(inode)) nodes.set(inode, nothing);
    }
  }
  for (const event of log.events) {
    if (event.type === 'content') nodes.set(event.inode, contentOf(log, event.inode, content));
  }
  return { root: log.start.root, nodes, names };
}

const nothing: FileNode = { type: 'file', bytes: Buffer.alloc(0), mode: 0o600 };

function contentOf({ start, events }: DiskLog, inode: Inode, content: Content): FileNode {
  let durable = start.nodes.get(inode) ?? nothing;
  let latest = durable;
  for (const event of events) {
    if (event.type === 'content' && event.inode === inode) latest = event.node;
    if (event.type === 'sync' && event.inode === inode) durable = latest;
  }
  if (latest.type !== 'file' || durable.type !== 'file') throw new Error('Only files have content.');
  if (latest === durable || content === 'all') return latest;
  return content === 'none' ? durable : { ...latest, bytes: latest.bytes.subarray(0, latest.bytes.length >> 1) };
}
