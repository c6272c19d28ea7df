import { type PatchCustom, patchPath } from '../../shared/delta-files.ts';
import { UpdateError } from '../../shared/errors.ts';
import { makePatch } from './patch/make-patch.ts';
import type { PlannedFile } from '../session/release-plan.ts';
import type { Base } from './find-bases.ts';
import { changedMeanwhile, signedFile } from './describe-file.ts';
import type { DeltaJob } from './delta-job.ts';

/** Patches are small, so a higher quality takes little time. */
const patchQuality = 9;

/** The patch from a base: the published one, or else a new one. `undefined`, with a note, if apps must use chunks. */
export async function buildPatch(job: DeltaJob, base: Base, notes: string[]): Promise<PlannedFile | undefined> {
  const { length, sha256 } = base.artifact;
  const path = patchPath(job.artifact.path, base.version);
  const custom = { ...job.owner, role: 'patch', from: base.version, base: { length, sha256 } } satisfies PatchCustom;
  const signed = await job.published.signed(path, custom);
  if (signed?.file !== undefined) return signed.file;
  const made = await makeFrom(job, base);
  if (typeof made === 'string') {
    notes.push(`No patch from ${base.version}: ${made}`);
    return undefined;
  }
  const file = await signedFile(made.file, path, custom);
  if (signed === undefined || signed.sha256 === file.entry.sha256) return file;
  notes.push(`No patch from ${base.version}: another one is signed already, and its file is lost.`);
  return undefined;
}

/** The patch, or the reason why there is none. */
async function makeFrom(job: DeltaJob, base: Base): Promise<{ readonly file: string } | string> {
  const { artifact, source, signal } = job;
  const file = job.workFile(`from-${base.artifact.sha256}.patch`);
  try {
    const header = await makePatch(
      { base: base.file, result: source, to: file, quality: Math.max(job.quality, patchQuality) },
      signal === undefined ? {} : { signal },
    );
    if (header.result.sha256 !== artifact.sha256) throw changedMeanwhile(source);
    if (header.base.sha256 !== base.artifact.sha256) return 'its file in the content directory is damaged.';
    return { file };
  } catch (error) {
    if (!(error instanceof UpdateError) || error.code !== 'PUBLISH_PATCH_TOO_LARGE') throw error;
    return error.message;
  }
}
