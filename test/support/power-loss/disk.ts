import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** The number of a file, directory or link. */
export type Inode = string;

export interface FileNode {
  readonly type: 'file';
  readonly bytes: Buffer;
  readonly mode: number;
}

export type Node =
  FileNode | { readonly type: 'directory'; readonly mode: number } | { readonly type: 'link'; readonly target: string };

/** A tree as a file system keeps it: what there is, and by which names it is found. */
export interface Disk {
  readonly root: Inode;
  readonly nodes: ReadonlyMap<Inode, Node>;
  /** The key is `<inode of the directory>/<name>`. */
  readonly names: ReadonlyMap<string, Inode>;
}

/** Linux: a descriptor that is only a place. It keeps the inode's number from being given to another file. */
const pathOnly = 0o10000000;

/** Reads trees. A node that was read once is not given another's number until the process ends or `pins` are closed. */
export function createReader(): { read(root: string): Disk; readonly pins: readonly number[] } {
  const pins: number[] = [];
  const known = new Map<Inode, { readonly changed: bigint; readonly node: Node }>();

  function nodeAt(path: string): readonly [Inode, Node] {
    const stats = lstatSync(path, { bigint: true });
    const inode = String(stats.ino);
    const before = known.get(inode);
    if (before?.changed === stats.ctimeNs) return [inode, before.node];
    if (before === undefined) pins.push(openSync(path, pathOnly | constants.O_NOFOLLOW));
    const node = unlessSame(before?.node, readNode(path, stats));
    known.set(inode, { changed: stats.ctimeNs, node });
    return [inode, node];
  }

  return {
    pins,
    read(root) {
      const nodes = new Map<Inode, Node>();
      const names = new Map<string, Inode>();
      const visit = (path: string): Inode => {
        const [inode, node] = nodeAt(path);
        nodes.set(inode, node);
        if (node.type === 'directory') {
          for (const name of readdirSync(path)) names.set(`${inode}/${name}`, visit(join(path, name)));
        }
        return inode;
      };
      return { root: visit(root), nodes, names };
    },
  };
}

function readNode(path: string, stats: BigIntStats): Node {
  const mode = Number(stats.mode) & 0o7777;
  if (stats.isDirectory()) return { type: 'directory', mode };
  if (stats.isSymbolicLink()) return { type: 'link', target: readlinkSync(path) };
  return { type: 'file', bytes: readFileSync(path), mode };
}

/** A link more or less changes the time of a file, and nothing in it. */
function unlessSame(before: Node | undefined, after: Node): Node {
  if (before?.type !== 'file' || after.type !== 'file') return after;
  return before.mode === after.mode && before.bytes.equals(after.bytes) ? before : after;
}

/** The names in a directory, in order. */
export function entriesOf(disk: Disk, directory: Inode): readonly (readonly [name: string, inode: Inode])[] {
  return [...disk.names]
    .filter(([key]) => key.startsWith(`${directory}/`))
    .map(([key, inode]) => [key.slice(directory.length + 1), inode] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Equal for trees in which everything that can be found is equal. */
export function fingerprint(disk: Disk): string {
  const hash = createHash('sha256');
  const visit = (inode: Inode, path: string): void => {
    const node = disk.nodes.get(inode);
    if (node === undefined) throw new Error(`Nothing is known of ${path}.`);
    hash.update(JSON.stringify({ path, ...node, bytes: undefined, length: node.type === 'file' && node.bytes.length }));
    if (node.type === 'file') hash.update(node.bytes);
    if (node.type === 'directory') for (const [name, child] of entriesOf(disk, inode)) visit(child, `${path}/${name}`);
  };
  visit(disk.root, '');
  return hash.digest('hex');
}

/** Makes `root` such a tree; what was there goes. Hard links become copies. */
export function materialise(disk: Disk, root: string): void {
  rmSync(root, { recursive: true, force: true });
  const visit = (inode: Inode, path: string): void => {
    const node = disk.nodes.get(inode);
    if (node?.type === 'link') symlinkSync(node.target, path);
    else if (node?.type === 'file') writeFileSync(path, node.bytes);
    else mkdirSync(path);
    if (node?.type === 'directory') {
      for (const [name, child] of entriesOf(disk, inode)) visit(child, join(path, name));
    }
    if (node !== undefined && node.type !== 'link') chmodSync(path, node.mode);
  };
  visit(disk.root, root);
}
