import { isAbsolute } from 'node:path';
import semver from 'semver';
import * as v from 'valibot';

import { arches, platforms } from '../../shared/platform-target.ts';
import { artifactKinds } from '../../shared/artifact-kinds.ts';
import type { StagedUpdate } from '../ports.ts';

const schema: v.GenericSchema<unknown, StagedUpdate> = v.object({
  query: v.object({
    app: v.string(),
    channel: v.string(),
    target: v.object({ platform: v.picklist(platforms), arch: v.picklist(arches) }),
  }),
  version: v.pipe(
    v.string(),
    v.check((text) => semver.valid(text) === text),
  ),
  kind: v.picklist(artifactKinds),
  path: v.pipe(
    v.string(),
    v.check((path) => isAbsolute(path)),
  ),
  stagedAt: v.string(),
});

/** What `staged.json` says; `undefined` when it says nothing usable. It is a hint: hashes come from trust at use. */
export function parseStagedRecord(text: string): StagedUpdate | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function formatStagedRecord(staged: StagedUpdate): string {
  return `${JSON.stringify(staged, undefined, 2)}\n`;
}
