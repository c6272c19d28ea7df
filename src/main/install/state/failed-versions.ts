import { join } from 'node:path';
import semver from 'semver';
import * as v from 'valibot';

import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { JsonStore } from '../../../files/json-store.ts';
import type { Logger } from '../../ports.ts';

/** How often one version may be installed without ever being confirmed. */
export const maxInstalls = 3;

const longest = 20;

interface Memory {
  /** Versions that failed here. */
  readonly quarantined: readonly { readonly version: string; readonly reason: string }[];
  /** Installs that were committed and not confirmed yet. */
  readonly installs: Readonly<Record<string, number>>;
  /** The data version of what was confirmed last: the index may not list that release any more. */
  readonly data?: { readonly version: string; readonly dataVersion?: number };
}

/** Remembers what failed here, so that it is not tried for ever. */
export interface FailedVersions {
  /** Versions that are not offered again, until a newer one was confirmed. */
  quarantined(): Promise<readonly string[]>;
  quarantine(version: string, reason: string): Promise<void>;
  /** Installs of this version that were committed and never confirmed. */
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

/** `failures.json` in `directory`. A corrupt or unwritable one costs the memory, not the updates. */
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
        return { ...memory, quarantined: [{ version, reason }, ...others].slice(0, longest) };
      }),
    installs: async (version) => (await store.read()).installs[version] ?? 0,
    noteInstall: (version) =>
      change(({ installs, ...memory }) => ({
        ...memory,
        installs: Object.fromEntries(
          [
            [version, (installs[version] ?? 0) + 1] as const,
            ...Object.entries(installs).filter(([v]) => v !== version),
          ].slice(0, longest),
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

/** A version that is none counts as newer: it stays quarantined. */
function isNewer(version: string, running: string): boolean {
  return semver.valid(version) === null || semver.valid(running) === null || semver.gt(version, running);
}
