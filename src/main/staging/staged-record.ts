import { isAbsolute } from 'node:path';
import semver from 'semver';
import * as v from 'valibot';

import { arches, platforms } from '../../shared/platform-target.ts';
import { artifactKinds } from '../../shared/artifact-kinds.ts';
import type { StagedUpdate } from '../ports.ts';

/** The content of `staged.json`. It is only a hint: hashes come from verified metadata when the update is used. */
export const stagedRecordSchema: v.GenericSchema<unknown, StagedUpdate> = v.object({
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
