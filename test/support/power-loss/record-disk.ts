import { closeSync } from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

import type { DiskEvent, DiskLog } from './crash-states.ts';
import { createReader, type Disk, type Inode, type Node } from './disk.ts';

const calls = ['open', 'rename', 'link', 'symlink', 'rm', 'mkdir', 'writeFile', 'copyFile', 'chmod', 'unlink'] as const;
const handleCalls = ['write', 'writeFile', 'appendFile', 'truncate', 'chmod', 'sync'] as const;

type Method = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/**
 * Runs `work` and tells what it did to the tree below `root`, step by step: after every call of `node:fs/promises` that
 * may change something, the tree is compared with what it was before. On Linux, in this process.
 */
export async function recordDisk(root: string, work: () => Promise<void>): Promise<DiskLog & { readonly end: Disk }> {
  const reader = createReader();
  const start = reader.read(root);
  let now = start;
  const events: DiskEvent[] = [];
  const nodes = new Map<Inode, Node>();
  const look = (): void => {
    const next = reader.read(root);
    events.push(...eventsBetween(now, next));
    for (const [inode, node] of next.nodes) if (node.type !== 'file') nodes.set(inode, node);
    now = next;
  };
  const undo = await patch(look, async (handle) => {
    const inode = String((await handle.stat({ bigint: true })).ino);
    look();
    if (now.nodes.has(inode)) events.push({ type: 'sync', inode });
  });
  try {
    await work();
    look();
    return { start, events, nodes, end: now };
  } finally {
    undo();
    for (const pin of reader.pins) closeSync(pin);
  }
}

/** What happened between two looks. A node that has another name afterwards was renamed: in one step. Pure. */
export function eventsBetween(before: Disk, after: Disk): readonly DiskEvent[] {
  const gone = [...before.names].filter(([key, inode]) => after.names.get(key) !== inode);
  const come = [...after.names].filter(([key, inode]) => before.names.get(key) !== inode);
  const moved = new Set(come.map(([, inode]) => inode).filter((inode) => gone.some(([, other]) => other === inode)));
  const events: DiskEvent[] = [];
  for (const [key, inode] of come) {
    const left = gone
      .filter(([, other]) => other === inode && moved.has(inode))
      .map(([name]) => [name, undefined] as const);
    events.push({ type: 'names', set: new Map([...left, [key, inode]]) });
  }
  for (const [key, inode] of gone.toReversed()) {
    if (!moved.has(inode) && !after.names.has(key)) events.push({ type: 'names', set: new Map([[key, undefined]]) });
  }
  for (const [inode, node] of after.nodes) {
    if (node.type === 'file' && node !== before.nodes.get(inode)) events.push({ type: 'content', inode, node });
  }
  return events;
}

async function patch(look: () => void, onSync: (handle: FileHandle) => Promise<void>): Promise<() => void> {
  const undo: (() => void)[] = [];
  const wrap = (object: object, name: string, after: (self: unknown) => Promise<void> | void): void => {
    const original = Reflect.get(object, name) as Method;
    Reflect.set(object, name, async function (this: unknown, ...args: unknown[]) {
      const result = await original.apply(this, args);
      await after(this);
      return result;
    });
    undo.push(() => Reflect.set(object, name, original));
  };
  const handle = await promises.open(import.meta.filename);
  await handle.close();
  for (const name of handleCalls) {
    wrap(Object.getPrototypeOf(handle), name, name === 'sync' ? (self) => onSync(self as FileHandle) : look);
  }
  for (const name of calls) wrap(promises, name, look);
  syncBuiltinESMExports();
  return () => {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}
