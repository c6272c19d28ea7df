import { join } from 'node:path';
import semver from 'semver';
import * as v from 'valibot';

import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { JsonStore } from '../../../files/json-store.ts';
import type { Logger } from '../../ports.ts';

/** How often a version may be installed without being confirmed. */
export const maxInstalls = 3;

/** Maximum number of versions in each list. */
const maxVersions = 20;

interface Memory {
  /** Versions that failed on this machine. */
  readonly quarantined: readonly { readonly version: string; readonly reason: string }[];
  /** Installs that were committed and not yet confirmed, counted per version. */
  readonly installs: Readonly<Record<string, number>>;
  /** The last confirmed version and its data version. The index may no longer list that release. */
  readonly data?: { readonly version: string; readonly dataVersion?: number };
}

/** Remembers which versions failed on this machine, so that they are not installed again. */
export interface FailedVersions {
  /** Versions that are not offered again until a newer one was confirmed. */
  quarantined(): Promise<readonly string[]>;
  quarantine(version: string, reason: string): Promise<void>;
  /** Number of installs of this version that were committed and not confirmed. */
  installs(version: string): Promise<number>;
  noteInstall(version: string): Promise<void>;
  noteConfirmed(version: string, dataVersion: number | undefined): Promise<void>;
  dataVersion(version: string): Promise<number | undefined>;
}

const schema: v.GenericSchema<unknown, Memory> = v.object({
  quarantined: v.array(v.object({ version: v.string(), reason: v.string() })),
  installs: v.record(v.string(), v.number()),
  data: v.exactOptional(v.object({ version: v.string(), dataVersion: v.exactOptional(v.number()) })),
});

/**
 * Opens `failures.json` in `directory`. If it is corrupt or cannot be written, failures are forgotten and updates go
 * on.
 */
export function openFailedVersions(directory: string, logger: Logger): FailedVersions {
  const store = new JsonStore<Memory>({
    path: join(directory, 'failures.json'),
    schema,
    empty: { quarantined: [], installs: {} },
    logger,
  });
  const change = async (edit: (memory: Memory) => Memory): Promise<void> => store.write(edit(await store.read()));

  return {
    quarantined: async () => (await store.read()).quarantined.map(({ version }) => version),
    quarantine: (version, reason) =>
      change((memory) => {
        const others = memory.quarantined.filter((entry) => entry.version !== version);
        return { ...memory, quarantined: [{ version, reason }, ...others].slice(0, maxVersions) };
      }),
    installs: async (version) => (await store.read()).installs[version] ?? 0,
    noteInstall: (version) =>
      change(({ installs, ...memory }) => ({
        ...memory,
        installs: Object.fromEntries(
          [
            [version, (installs[version] ?? 0) + 1] as const,
            ...Object.entries(installs).filter(([v]) => v !== version),
          ].slice(0, maxVersions),
        ),
      })),
    noteConfirmed: (version, dataVersion) =>
      change(({ quarantined }) => ({
        quarantined: quarantined.filter((entry) => isNewer(entry.version, version)),
        installs: {},
        data: { version, ...omitUndefined({ dataVersion }) },
      })),
    async dataVersion(version) {
      const { data } = await store.read();
      return data?.version === version ? data.dataVersion : undefined;
    },
  };
}

/** An invalid version counts as newer, so that it stays quarantined. */
function isNewer(version: string, running: string): boolean {
  return semver.valid(version) === null || semver.valid(running) === null || semver.gt(version, running);
}
