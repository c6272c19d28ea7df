import { type Command } from 'commander';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { createDirectoryStore } from '../content/directory-store.ts';
import { readUpdateFiles } from '../init/update-files.ts';
import type { PublishProgress } from '../session/publish-session.ts';
import { withStaticRepository } from '../session/static-endpoint.ts';
import type { ProgressLine, WorkProgress } from '../terminal/progress.ts';
import { usage } from '../terminal/run.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { PublishedIndex, ReleaseOptions } from '../workflow/publish-indexes.ts';
import { addApiOptions, type ApiFlags, apiOptions, collect, positiveInteger, stateDirectory } from './flags.ts';
import { readKeyFiles, readOnlineKey } from './keys.ts';

/** The flags of the commands that change what is published. */
export interface SessionFlags extends ApiFlags {
  readonly update: string;
  readonly app?: string;
  readonly key?: readonly string[];
  readonly content?: string;
  readonly repository?: string;
  readonly onlineKey?: string;
  readonly timeout: number;
}

export function addSessionOptions(command: Command): Command {
  command
    .option('--update <dir>', 'directory with root.json and update.json from "init"', 'update')
    .option('--app <id>', 'app id; must match update.json')
    .option('--key <file>', 'publisher key, repeatable', collect)
    .option('--content <dir>', 'directory that is served at the targets URL')
    .option('--repository <dir>', 'repository from "create", instead of --api and --content')
    .option('--online-key <file>', 'online key of --repository')
    .option(
      '--timeout <seconds>',
      'time limit for each RSTUF batch, and (at most 60) until clients see the result',
      positiveInteger,
      300,
    );
  return addApiOptions(command);
}

const steps: Readonly<Record<PublishProgress['step'], Pick<WorkProgress, 'label' | 'unit'>>> = {
  hash: { label: 'Checking files', unit: 'bytes' },
  rewrite: { label: 'Rewriting without compression', unit: 'files' },
  pack: { label: 'Packing for transport', unit: 'bytes' },
  patch: { label: 'Making patches', unit: 'files' },
  store: { label: 'Copying to the content directory', unit: 'bytes' },
  register: { label: 'Signing with RSTUF', unit: 'files' },
  confirm: { label: 'Looking as a client', unit: 'files' },
};

/** The API, content store and addresses that a session publishes to. */
export type Endpoint = Pick<ReleaseOptions, 'api' | 'store' | 'servedAt'>;

/**
 * Runs `work` with the endpoint that the flags name: RSTUF and a content directory, or a repository in a directory, for
 * which this process plays RSTUF.
 * @throws UpdateError `OPTIONS_INVALID` when flags are missing or exclude each other
 */
export async function atEndpoint(
  flags: SessionFlags,
  terminal: Terminal,
  work: (endpoint: Endpoint) => Promise<void>,
): Promise<void> {
  const { repository, onlineKey, content } = flags;
  if (repository === undefined) {
    if (content === undefined)
      throw usage('--content is missing: give the directory that is served at the targets URL.');
    return work({ api: apiOptions(flags), store: createDirectoryStore(content, stateDirectory()) });
  }
  if (onlineKey === undefined) throw usage('--online-key is missing: give the online key that you gave to "create".');
  if (content !== undefined) throw usage('--repository has its own content directory: leave out --content.');
  return withStaticRepository(repository, await readOnlineKey(onlineKey, terminal), stateDirectory(), work);
}

/** Builds a session's options from `update.json`, key files and flags. */
export async function releaseOptions(
  { api, ...endpoint }: Endpoint,
  flags: SessionFlags & { readonly channel?: readonly string[] },
  terminal: Terminal,
  signal: AbortSignal,
  progress: ProgressLine,
): Promise<ReleaseOptions> {
  const { config, ...trusted } = await readUpdateFiles(flags.update);
  if (flags.app !== undefined && flags.app !== config.app) {
    throw usage(`--app is ${flags.app}, but ${flags.update}/update.json is for ${config.app}.`);
  }
  const keys = await readKeyFiles(flags.key ?? [], terminal);
  const [channel, ...alsoChannels] = flags.channel ?? [];
  return {
    ...trusted,
    config,
    keys,
    ...omitUndefined({ channel }),
    alsoChannels,
    ...endpoint,
    api: { ...api, taskTimeoutMs: flags.timeout * 1000 },
    stateDirectory: stateDirectory(),
    confirmTimeoutMs: Math.min(flags.timeout, 60) * 1000,
    signal,
    onProgress: ({ step, done, total }) => progress.update({ ...steps[step], done, total }),
    onNotice: (text) => {
      progress.stop();
      terminal.note(text);
    },
  };
}

export function showIndexes(terminal: Terminal, indexes: readonly PublishedIndex[]): void {
  const hasOneChannel = new Set(indexes.map(({ channel }) => channel)).size <= 1;
  for (const { channel, platform, revision, changed, dropped } of indexes) {
    const state = changed ? `revision ${revision}` : `revision ${revision}, unchanged`;
    const gone = dropped.length === 0 ? '' : `; no longer listed: ${dropped.join(', ')}`;
    terminal.print(`  ${hasOneChannel ? '' : `${channel} `}${platform}: ${state}${gone}`);
  }
}
