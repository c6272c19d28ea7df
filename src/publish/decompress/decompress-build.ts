import { join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { digestFile } from '../../files/hash-file.ts';
import type { BuiltArtifact } from '../build/built-artifact.ts';
import type { Build } from '../build/read-build.ts';
import type { PublishSessionOptions } from '../session/publish-session.ts';
import { decompressAppImage } from './appimage.ts';
import { decompressDeb } from './deb.ts';
import type { DecompressJob } from './job.ts';
import { decompressTar } from './tar.ts';

/** How to rewrite a file, and its new name. */
interface Rewriting {
  readonly name: string;
  readonly write: (job: DecompressJob) => Promise<void>;
}

/**
 * Rewrites the AppImages, Debian packages and `.tar.gz` archives of a build without inner compression. Archives become
 * `.tar` files. Does not change the original files.
 */
export async function decompressBuild(
  build: Build,
  directory: string,
  { signal, onProgress }: Pick<PublishSessionOptions, 'signal' | 'onProgress'>,
): Promise<Build> {
  const total = build.artifacts.filter((artifact) => rewritingOf(artifact) !== undefined).length;
  const artifacts: BuiltArtifact[] = [];
  let done = 0;
  for (const artifact of build.artifacts) {
    const rewriting = rewritingOf(artifact);
    if (rewriting === undefined) {
      artifacts.push(artifact);
      continue;
    }
    const { name, write } = rewriting;
    onProgress?.({ step: 'rewrite', done, total });
    const file = join(directory, name);
    await write({ from: artifact.file, to: file, ...omitUndefined({ signal }) });
    artifacts.push({ ...artifact, name, file, digest: await digestFile(file) });
    onProgress?.({ step: 'rewrite', done: ++done, total });
  }
  return { ...build, artifacts };
}

function rewritingOf({ kind, name }: BuiltArtifact): Rewriting | undefined {
  if (kind === 'appimage') return { name, write: decompressAppImage };
  if (kind === 'deb') return { name, write: decompressDeb };
  return /\.tar\.gz$/i.test(name) ? { name: name.slice(0, -'.gz'.length), write: decompressTar } : undefined;
}

/** How to build or publish a file so that a small change in the app is a small change in the file. */
export function adviceFor(name: string): string {
  if (/\.(appimage|deb|tar\.gz)$/i.test(name)) return 'Publish it with --store.';
  if (/\.(exe|zip)$/i.test(name)) return 'Build it with "compression": "store" in electron-builder\'s configuration.';
  return 'Build it without compression, if its build tool can. Downloads are compressed anyway.';
}
