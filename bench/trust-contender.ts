/**
 * One check or lookup in its own process, started by `trust.ts`: `node trust-contender.ts <ours|tuf-js> <metadata URL>
 * <directory> <root.json> [target]`. Prints one line of JSON, an `Outcome`.
 */
import { readFile } from 'node:fs/promises';

import { Updater } from 'tuf-js';

import { createClient } from '../src/main/client.ts';
// Loaded before the clock starts, as tuf-js loads what it fetches with.
import '../src/main/http/node-client.ts';
import { textOf, UpdateError, type UpdateErrorCode } from '../src/shared/errors.ts';

interface Task {
  readonly url: string;
  readonly directory: string;
  readonly root: Uint8Array;
  readonly target: string | undefined;
}

/** The printed result. */
export interface Outcome {
  /** Milliseconds until it ended or was refused. */
  readonly ms: number;
  /** The longest time that the event loop was blocked, in milliseconds. */
  readonly block: number;
  readonly error: string | undefined;
  readonly code: UpdateErrorCode | undefined;
}

async function ours({ url, directory, root, target }: Task): Promise<void> {
  const client = createClient({
    config: { metadataUrl: url, targetsUrls: [url], publisher: 'none' },
    anchor: { type: 'root', bytes: root },
    directory,
    patience: { quick: [], long: [] },
  });
  try {
    await client.tuf.refresh();
    if (target !== undefined) await client.tuf.target(target);
  } finally {
    await client.close();
  }
}

/** tuf-js, unmodified. Its metadata directory is already prepared. */
async function tufJs({ url, directory, target }: Task): Promise<void> {
  const updater = new Updater({ metadataDir: directory, metadataBaseUrl: url });
  await updater.refresh();
  if (target !== undefined && (await updater.getTargetInfo(target)) === undefined) throw new Error('not found');
}

/** Measures how late a timer fires that should fire every millisecond. */
function watchLoop(): () => number {
  let [last, longest] = [performance.now(), 0];
  const measure = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(measure, 1);
  return () => {
    measure();
    clearInterval(timer);
    return longest;
  };
}

const [name = '', url = '', directory = '', rootFile = '', target] = process.argv.slice(2);
const task: Task = { url, directory, root: await readFile(rootFile), target };
await new Promise((resolve) => setTimeout(resolve, 50));
const longestBlock = watchLoop();
const before = performance.now();
let [error, code]: [string?, UpdateErrorCode?] = [];
try {
  await (name === 'ours' ? ours(task) : tufJs(task));
} catch (thrown) {
  error = textOf(thrown);
  if (thrown instanceof UpdateError) code = thrown.code;
}
const ms = performance.now() - before;
console.log(JSON.stringify({ ms, block: longestBlock(), error, code } satisfies Outcome));
