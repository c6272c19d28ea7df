import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { systemCode, textOf } from '../../shared/errors.ts';
import { inspectRoot } from '../init/inspect-root.ts';
import { readUpdateFiles, type UpdateFiles } from '../init/update-files.ts';
import type { ApiOptions } from '../rstuf/transport.ts';
import { checkBuilder } from './checks/builder.ts';
import { checkContent } from './checks/content.ts';
import { checkEnvironment } from './checks/environment.ts';
import { checkMetadata } from './checks/metadata.ts';
import { checkPublisherKeys } from './checks/publisher-keys.ts';
import { checkReleases } from './checks/release.ts';
import { checkRstuf } from './checks/rstuf.ts';
import { checkUpdateFiles, refusedAddresses, type UpdateFilesFacts } from './checks/embedded-config.ts';
import type { Finding } from './checks/finding.ts';
import { readBuilderConfig } from './gather/builder-config.ts';
import { readKeyFacts } from './gather/key-files.ts';
import { walkRepository } from './gather/repository.ts';
import { askRstuf } from './gather/rstuf.ts';

export interface DoctorOptions {
  /** The directory in which electron-builder runs. */
  readonly project: string;
  /** The update directory, relative to the project. */
  readonly update: string;
  /** The configuration file of electron-builder, if its name is not a default one. */
  readonly builderConfig?: string;
  /** Publisher key files. */
  readonly keys: readonly string[];
  /** @defaultValue the channel of `update.json` */
  readonly channel?: string;
  /** The API of RSTUF. @defaultValue doctor does not check RSTUF */
  readonly api?: ApiOptions;
  readonly signal?: AbortSignal;
}

/** Checks everything that updates depend on, and changes nothing. A problem is a finding, not an error. */
export async function runDoctor(options: DoctorOptions): Promise<readonly Finding[]> {
  const { project, builderConfig } = options;
  const [electron, builder, files] = await Promise.all([
    installedElectron(project),
    readBuilderConfig(project, builderConfig),
    readFiles(resolve(project, options.update)),
  ]);
  return [
    ...checkEnvironment({ node: process.version, electron }),
    ...checkBuilder(builder),
    ...checkUpdateFiles(files.facts, Date.now()),
    ...(files.read === undefined ? [] : await examineRepository(files.read, options)),
  ];
}

async function examineRepository(
  { config, ...trusted }: UpdateFiles,
  { keys, channel = config.channel, api, signal }: DoctorOptions,
): Promise<readonly Finding[]> {
  const publisher = checkPublisherKeys(config.publisher, await readKeyFacts(keys));
  if (refusedAddresses(config).length > 0) return publisher;
  const aborting = signal === undefined ? {} : { signal };
  const { metadata, releases, content } = await walkRepository({ config, ...trusted, channel, ...aborting });
  const seenRoot = metadata.failure === undefined ? metadata.roles.find(({ role }) => role === 'root') : undefined;
  const embedded = config.publisher === 'none' ? undefined : config.publisher.revision;
  return [
    ...publisher,
    ...checkMetadata(metadata, Date.now()),
    ...(api === undefined ? [] : checkRstuf(await askRstuf({ ...api, ...aborting }, seenRoot?.version))),
    ...(metadata.failure === undefined ? checkReleases(releases, channel, embedded) : []),
    ...checkContent(content),
  ];
}

async function readFiles(
  directory: string,
): Promise<{ readonly facts: UpdateFilesFacts; readonly read?: UpdateFiles }> {
  try {
    const read = await readUpdateFiles(directory);
    const { config, trustedRoot } = read;
    const root = await inspectRoot(read.root, trustedRoot);
    return { facts: { type: 'read', config, root, hasTrustedRoot: trustedRoot !== undefined }, read };
  } catch (error) {
    return { facts: { type: 'failed', message: textOf(error) } };
  }
}

async function installedElectron(project: string): Promise<string | undefined> {
  try {
    const manifest = await readFile(join(project, 'node_modules/electron/package.json'), 'utf8');
    return (JSON.parse(manifest) as { readonly version?: string }).version;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
