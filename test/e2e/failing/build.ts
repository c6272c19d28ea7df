import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { create } from 'tar';

import { writeAppImageTools } from '../../../scripts/packaging/appimage-tools.ts';
import { run } from '../../../scripts/packaging/run.ts';
import type { PackagedDemo } from '../../../scripts/package-demo.ts';
import type { UpdateConfig } from '../../../src/shared/update-config.ts';

export type Fault = 'none' | 'crashes at start' | 'cannot be loaded' | 'hangs' | 'crashes after it migrated its data';

export interface FailingBuild {
  readonly version: string;
  readonly fault: Fault;
  readonly kind: 'appimage' | 'portable';
  /** Where this build and the others of its line go. */
  readonly work: string;
  /** The trusted root. */
  readonly root: string;
  readonly config: UpdateConfig;
}

/** Builds a release of a small app: a real AppImage, with the runtime of the demo's, or a real portable archive. */
export async function buildFailing(build: FailingBuild): Promise<PackagedDemo> {
  const { version, kind, work, config } = build;
  const tree = join(work, `tree-${version}`);
  const directory = join(work, version);
  await Promise.all([layOut(build, tree), mkdir(directory, { recursive: true })]);
  const name = `Notes-${config.channel}-${version}-linux-${process.arch}`;
  const artifact = join(directory, kind === 'appimage' ? `${name}.AppImage` : `${name}.tar.gz`);
  if (kind === 'appimage') await packAppImage(tree, artifact, join(work, `tools-${version}`));
  else await create({ gzip: true, file: artifact, cwd: tree }, ['.']);
  return { version, directory, artifact, length: (await stat(artifact)).size };
}

async function layOut({ version, fault, kind, root, config }: FailingBuild, tree: string): Promise<void> {
  const resources = join(tree, 'resources');
  const update = join(resources, 'update');
  await mkdir(update, { recursive: true });
  await cp(root, join(update, 'root.json'));
  await writeFile(join(update, 'update.json'), JSON.stringify(config));
  await writeFile(join(resources, 'app.json'), JSON.stringify({ version, fault }));
  if (kind === 'portable') await writeFile(join(resources, 'package-type'), 'portable');
  const app = pathToFileURL(join(import.meta.dirname, 'app.ts')).href;
  await writeFile(join(resources, 'main.mjs'), `import ${JSON.stringify(app)};\n`);
  const shell = fault === 'cannot be loaded' ? '#!/nowhere/at-all' : '#!/bin/sh';
  const program = `${shell}
NOTES_DIRECTORY=$(dirname "$(readlink -f "$0")")
export NOTES_DIRECTORY
exec '${process.execPath}' "$NOTES_DIRECTORY/resources/main.mjs" "$@"
`;
  for (const name of kind === 'appimage' ? ['notes', 'AppRun'] : ['notes']) {
    await writeFile(join(tree, name), program, { mode: 0o755 });
  }
}

async function packAppImage(tree: string, artifact: string, work: string): Promise<void> {
  const tools = await writeAppImageTools(work);
  if (tools === undefined) throw new Error('squashfs-tools are missing.');
  const image = join(work, 'image');
  await run('mksquashfs', [tree, image, '-noappend', '-no-progress', '-all-root']);
  const runtime = await readFile(join(tools, `runtime-${process.arch}`));
  await writeFile(artifact, Buffer.concat([runtime, await readFile(image)]), { mode: 0o755 });
}
