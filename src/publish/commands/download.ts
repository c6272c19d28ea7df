import { readFile } from 'node:fs/promises';

import { Command, Option } from 'commander';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { type PlatformTarget } from '../../shared/platform-target.ts';
import { type ArtifactKind, artifactKinds } from '../../shared/artifact-kinds.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import { assertAppId, assertChannel } from '../../shared/target-path.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import {
  downloadVerified,
  type DownloadOptions,
  type DownloadReport,
  type DownloadSelection,
} from '../client/verified-download.ts';
import { trustedRootFromFile } from '../init/fetch-trusted-root.ts';
import { rootFromFile } from '../init/fetch-root.ts';
import { nextKeySet, readUpdateFiles } from '../init/update-files.ts';
import { readPublicKeyFile } from '../keys/key-file.ts';
import { formatBytes } from '../terminal/format.ts';
import { createProgressLine } from '../terminal/progress.ts';
import { runCliCommand, usage } from '../terminal/run.ts';
import { faint, strong, type Terminal } from '../terminal/terminal.ts';
import { byteRate, collect, platformTarget, positiveInteger, stateDirectory } from './flags.ts';

interface DownloadFlags {
  readonly update?: string;
  readonly root?: string;
  readonly trustedRoot?: string;
  readonly trustOnFirstUse: boolean;
  readonly metadataUrl?: string;
  readonly targetsUrl?: readonly string[];
  readonly publisherKey?: readonly string[];
  readonly threshold: number;
  readonly app?: string;
  readonly channel?: string;
  readonly platform?: PlatformTarget;
  readonly version?: string;
  readonly kind?: ArtifactKind;
  readonly target?: string;
  readonly provenance?: string;
  readonly builtFrom?: string;
  readonly workflow?: string;
  readonly ciIssuer: string;
  readonly hashPrefix: 'auto' | 'yes' | 'no';
  readonly limitRate?: number;
  readonly out: string;
  readonly json: boolean;
}

/** A repository's addresses, and the root and keys to trust. */
interface Source extends Pick<DownloadOptions, 'config' | 'root' | 'trustedRoot'> {
  readonly app?: string;
  readonly channel: string;
}

export function downloadCommand(): Command {
  return new Command('download')
    .description('download and verify a release, or any target of any TUF repository')
    .option('--update <dir>', 'update directory with root, addresses, app, channel and publisher keys')
    .option('--root <file>', 'root.json that you trust')
    .option('--trusted-root <file>', 'trusted_root.json of Sigstore, for Sigstore identities among the keys')
    .option('--trust-on-first-use', 'trust and pin the first root that the repository serves', false)
    .option('--metadata-url <url>', 'where timestamp.json is')
    .option('--targets-url <url>', 'where the files are; repeat it for mirrors', collect)
    .option('--app <id>', 'app id')
    .option('--channel <name>', 'channel (default: stable)')
    .option('--platform <target>', 'e.g. linux-x64, win32-arm64, darwin-universal', platformTarget)
    .option('--version <version>', 'version (default: the newest)')
    .addOption(new Option('--kind <kind>', 'which file, if the release has several').choices(artifactKinds))
    .option('--publisher-key <file>', 'public key of the publisher, repeatable', collect)
    .option('--threshold <number>', 'how many publisher keys must have signed', positiveInteger, 1)
    .option(
      '--target <path>',
      'target path, instead of app, channel and platform; the file is named after the whole path',
    )
    .option('--provenance <file>', 'attestation of the build (Sigstore bundle, or one a line); needs --built-from')
    .option(
      '--built-from <url>',
      'the repository whose CI must have built the file, e.g. https://github.com/owner/name',
    )
    .option('--workflow <path>', 'the workflow that must have built it, e.g. .github/workflows/release.yml')
    .option('--ci-issuer <url>', 'the identity provider of the CI', 'https://token.actions.githubusercontent.com')
    .addOption(
      new Option('--hash-prefix <when>', 'whether the server stores files as <hash>.<name>')
        .choices(['auto', 'yes', 'no'])
        .default('auto'),
    )
    .option('--limit-rate <rate>', 'maximum bandwidth in bytes per second: 500k, 2M', byteRate)
    .requiredOption('--out <dir>', 'directory to write into')
    .option('--json', 'print one line of JSON', false)
    .action(async (flags: DownloadFlags) =>
      runCliCommand(flags.json, async (terminal, signal) => run(flags, terminal, signal)),
    );
}

async function run(flags: DownloadFlags, terminal: Terminal, signal: AbortSignal): Promise<void> {
  assertOneWish(flags);
  const { config, root, trustedRoot, app, channel } = await sourceOf(flags);
  const wanted = wantedOf(flags, app, channel);
  if (root === undefined) terminal.warn("trust on first use: the repository's root has not been verified.");
  if (wanted.type === 'release' && config.publisher === 'none') {
    terminal.warn("without --publisher-key only the TUF metadata is verified, not the publisher's signature.");
  }
  const provenance = await provenanceFlags(flags);
  const progress = createProgressLine(terminal);
  try {
    const report = await downloadVerified({
      config,
      ...omitUndefined({ root, trustedRoot, provenance }),
      wanted,
      hashPrefix: flags.hashPrefix,
      ...omitUndefined({ bytesPerSecond: flags.limitRate }),
      out: flags.out,
      stateDirectory: stateDirectory(),
      signal,
      onProgress: ({ phase, received, total, ...rate }) => {
        progress.update({ label: phaseLabels[phase], unit: 'bytes', done: received, total, ...rate });
      },
    });
    progress.stop();
    show(terminal, report);
    terminal.result(report);
  } finally {
    progress.stop();
  }
}

const phaseLabels = { index: 'Looking', copy: 'Resuming', download: 'Downloading', verify: 'Verifying' } as const;

async function sourceOf(flags: DownloadFlags): Promise<Source> {
  if (flags.update !== undefined) {
    const { config, ...trusted } = await readUpdateFiles(flags.update);
    return { config, ...trusted, app: config.app, channel: config.channel };
  }
  const { metadataUrl, targetsUrl, root } = flags;
  if (metadataUrl === undefined || targetsUrl === undefined)
    throw usage('--metadata-url and --targets-url are needed, or --update.');
  if ((root === undefined) !== flags.trustOnFirstUse)
    throw usage('Give one of --root, --trust-on-first-use and --update.');
  const keys = await Promise.all((flags.publisherKey ?? []).map(readPublicKeyFile));
  const publisher: UpdateConfig['publisher'] =
    keys.length === 0 ? 'none' : nextKeySet(undefined, keys, flags.threshold);
  const config = { metadataUrl, targetsUrls: targetsUrl, publisher };
  return {
    config,
    channel: 'stable',
    ...(root === undefined ? {} : { root: await rootFromFile(root) }),
    ...(flags.trustedRoot === undefined ? {} : { trustedRoot: await trustedRootFromFile(flags.trustedRoot) }),
  };
}

async function provenanceFlags({
  provenance: file,
  builtFrom: repository,
  workflow,
  ciIssuer: issuer,
}: DownloadFlags): Promise<DownloadOptions['provenance']> {
  if ((file === undefined) !== (repository === undefined))
    throw usage('--provenance and --built-from need each other.');
  if (workflow !== undefined && file === undefined) throw usage('--workflow needs --provenance and --built-from.');
  if (file === undefined || repository === undefined) return undefined;
  const bundle = await readFile(file).catch((error: unknown) => {
    throw new UpdateError('TRUST_PROVENANCE_INVALID', `${file} cannot be read: ${textOf(error)}.`, { cause: error });
  });
  return { bundle, policy: { issuer, repository, ...omitUndefined({ workflow }) } };
}

/** Reports wrong usage before anything is read. */
function assertOneWish({ target, app, channel, platform, version, kind }: DownloadFlags): void {
  if (target !== undefined && [app, channel, platform, version, kind].some((one) => one !== undefined)) {
    throw usage('--target names one file by its path: leave out --app, --channel, --platform, --version and --kind.');
  }
}

function wantedOf(flags: DownloadFlags, knownApp: string | undefined, knownChannel: string): DownloadSelection {
  const { target: path, platform, app = knownApp, channel = knownChannel, version, kind } = flags;
  if (path !== undefined) return { type: 'target', path };
  if (app === undefined || platform === undefined) throw usage('Give --app and --platform, or --target.');
  return {
    type: 'release',
    query: { app: assertAppId(app), channel: assertChannel(channel), target: platform },
    ...omitUndefined({ version, kind }),
  };
}

function show(terminal: Terminal, report: DownloadReport): void {
  const { version, file, length, hashes, rootVersion, publisherSigned, provenance, requests, bytes, saved } = report;
  terminal.print(strong(file), version === undefined ? '' : `  ${version}`, `  ${formatBytes(length)}`);
  for (const [name, hex] of Object.entries(hashes)) terminal.print(`  ${name.padEnd(8)} ${hex}`);
  const signers = publisherSigned ? 'TUF metadata and publisher signatures' : 'TUF metadata';
  terminal.print(`  verified by ${signers}, root version ${rootVersion}`);
  if (provenance !== undefined)
    terminal.print(`  built from ${provenance.repository} at commit ${provenance.commit}, ${provenance.workflow}`);
  const kept = saved === 0 ? '' : `, ${formatBytes(saved)} reused`;
  terminal.print(faint(`  ${requests} requests, ${formatBytes(bytes)} received${kept}`));
}
