import { join } from 'node:path';

import { digestFile } from '../build/digest.ts';
import type { Build, BuiltArtifact } from '../build/read-build.ts';
import type { PublisherOptions } from '../publisher.ts';
import { storeAppImage } from './store-appimage.ts';

/** The same build with its AppImages rewritten without compression inside. The build's own files stay as they are. */
export async function storeAppImages(
  build: Build,
  directory: string,
  { signal, onProgress }: Pick<PublisherOptions, 'signal' | 'onProgress'>,
): Promise<Build> {
  const total = build.artifacts.filter(({ kind }) => kind === 'appimage').length;
  const artifacts: BuiltArtifact[] = [];
  let done = 0;
  for (const artifact of build.artifacts) {
    if (artifact.kind !== 'appimage') {
      artifacts.push(artifact);
      continue;
    }
    onProgress?.({ step: 'rewrite', done, total });
    const file = join(directory, artifact.name);
    await storeAppImage({ from: artifact.file, to: file, ...(signal === undefined ? {} : { signal }) });
    artifacts.push({ ...artifact, file, digest: await digestFile(file) });
    onProgress?.({ step: 'rewrite', done: ++done, total });
  }
  return { ...build, artifacts };
}
