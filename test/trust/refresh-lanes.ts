/**
 * Refreshes stores over and over, all at once: `node refresh-lanes.ts <JSON>`. Tells its parent of each refresh: the lane,
 * and the version of the timestamp or the code of the refusal.
 */
import { readFile } from 'node:fs/promises';

import { createClient } from '../../src/main/client.ts';
import { UpdateError } from '../../src/shared/errors.ts';

/** What `refresh-lanes.ts` is given. */
export interface Lanes {
  /** A file with the root that is trusted. */
  readonly root: string;
  readonly lanes: readonly { readonly name: string; readonly metadataUrl: string; readonly directory: string }[];
  /** Refreshes of each lane. @defaultValue until it is killed */
  readonly rounds?: number;
  /** The user to be, when started by root. */
  readonly uid?: number;
}

/** What its parent is told. */
export interface Refreshed {
  readonly lane: string;
  readonly outcome: number | string;
}

const { root, lanes, rounds = Infinity, uid } = JSON.parse(process.argv[2] ?? '') as Lanes;
const bytes = await readFile(root);
if (uid !== undefined) {
  process.setgroups?.([]);
  process.setegid?.(uid);
  process.seteuid?.(uid);
}

async function refresh({ metadataUrl, directory }: Lanes['lanes'][number]): Promise<number | string> {
  const client = createClient({
    config: { metadataUrl, targetsUrls: [metadataUrl], publisher: 'none' },
    anchor: { type: 'root', bytes },
    directory,
    patience: { quick: [], long: [] },
  });
  try {
    return (await client.tuf.refresh()).timestampVersion;
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  } finally {
    await client.close();
  }
}

async function run(lane: Lanes['lanes'][number]): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const told: Refreshed = { lane: lane.name, outcome: await refresh(lane) };
    await new Promise<void>((resolve, reject) => {
      process.send?.(told, (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
  }
}

await Promise.all(lanes.map(run));
process.disconnect?.();
