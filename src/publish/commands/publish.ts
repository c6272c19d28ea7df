import { Command, Option } from 'commander';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { Arch, PlatformTarget } from '../../shared/platform-target.ts';
import { readUpdateFiles } from '../init/update-files.ts';
import { readPreparedFile, writePreparedFile } from '../workflow/prepared-release.ts';
import { type BuildOptions, prepareBuild, publishBuild, type PublishReport } from '../workflow/publish-build.ts';
import type { PublishedIndex, ReleaseOptions } from '../workflow/publish-indexes.ts';
import { publishPrepared } from '../workflow/publish-prepared.ts';
import { updateReleasePolicy } from '../workflow/update-policy.ts';
import { restoreIndexes } from '../workflow/restore-indexes.ts';
import { formatBytes } from '../terminal/format.ts';
import { createProgressLine, type ProgressLine } from '../terminal/progress.ts';
import { runCliCommand, usage } from '../terminal/run.ts';
import { faint, strong, type Terminal } from '../terminal/terminal.ts';
import { showDeltas } from './delta-table.ts';
import {
  addPolicyOptions,
  archList,
  collect,
  count,
  platformTarget,
  policyFrom,
  type PolicyFlags,
  quality,
} from './flags.ts';
import {
  addSessionOptions,
  atEndpoint,
  type Endpoint,
  releaseOptions,
  type SessionFlags,
  showIndexes,
} from './session-options.ts';

interface PublishFlags extends SessionFlags, PolicyFlags {
  readonly nextUpdate?: string;
  readonly channel?: readonly string[];
  readonly arch?: readonly Arch[];
  readonly version?: string;
  readonly platform?: PlatformTarget;
  readonly withdraw?: string;
  readonly unwithdraw?: string;
  readonly restore: boolean;
  readonly prepare?: string;
  readonly signed?: string;
  readonly deltas: boolean;
  readonly store?: boolean;
  readonly patches: number;
  readonly quality: number;
  readonly json: boolean;
}

export function publishCommand(): Command {
  const command = new Command('publish')
    .description(
      'publish what electron-builder wrote: store, sign with RSTUF, sign the release index, verify as a client',
    )
    .argument('[dir]', 'directory with latest*.yml and the artifacts')
    .option(
      '--channel <name>',
      'channel, repeatable: each gets the release (default: the one in update.json)',
      collect,
    );
  addSessionOptions(command);
  addPolicyOptions(command);
  return command
    .option('--withdraw <version>', 'stop offering a version instead of publishing one')
    .option('--unwithdraw <version>', 'offer a withdrawn version again')
    .option(
      '--restore',
      'put back the release indexes that this machine saw last, after an attacker replaced them',
      false,
    )
    .option('--arch <list>', 'architectures of files whose names contain none, e.g. x64,arm64', archList)
    .option('--version <version>', 'version of files without latest*.yml')
    .option(
      '--platform <target>',
      'platform and architecture of files without latest*.yml, e.g. linux-x64',
      platformTarget,
    )
    .option(
      '--store',
      'rewrite AppImages, debs and .tar.gz files without inner compression, for small updates (needs squashfs-tools, dpkg)',
    )
    .option('--patches <count>', 'number of older versions to make patches from', count, 3)
    .option('--quality <0-11>', 'brotli quality of packs and patches: 5 is fast, 11 is slow', quality, 5)
    .option('--no-deltas', 'publish whole files only')
    .option('--prepare <file>', 'publish only the artifacts; write the release index to a file for others to sign')
    .option('--signed <file>', 'publish a prepared release index that has been signed')
    .addOption(new Option('--next-update <dir>', 'hand over to the publisher keys in this update directory').hideHelp())
    .option('--json', 'print one line of JSON', false)
    .action(async (directory: string | undefined, flags: PublishFlags) =>
      runCliCommand(flags.json, async (terminal, signal) => run(directory, flags, terminal, signal)),
    );
}

async function run(
  directory: string | undefined,
  flags: PublishFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const modes = [directory, flags.withdraw, flags.unwithdraw, flags.signed, flags.restore || undefined];
  if (modes.filter((mode) => mode !== undefined).length !== 1) {
    throw usage(
      'Give one of: a directory to publish, --withdraw <version>, --unwithdraw <version>, --signed <file>, --restore.',
    );
  }
  await atEndpoint(flags, terminal, async (endpoint) => {
    await runAt(endpoint, directory, flags, terminal, signal);
  });
}

async function runAt(
  endpoint: Endpoint,
  directory: string | undefined,
  flags: PublishFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const progress = createProgressLine(terminal);
  const options = await releaseOptions(endpoint, flags, terminal, signal, progress);
  try {
    if (flags.signed !== undefined) {
      const indexes = await publishPrepared(options, await readPreparedFile(flags.signed));
      progress.stop();
      showIndexes(terminal, indexes);
      terminal.result({ indexes });
    } else if (flags.withdraw !== undefined) {
      const indexes = await offer(flags.withdraw, false, flags, options);
      progress.stop();
      terminal.print(strong(flags.withdraw), ` is withdrawn: no app is offered it any more.`);
      showIndexes(terminal, indexes);
      terminal.result({ withdrawn: flags.withdraw, indexes });
    } else if (flags.unwithdraw !== undefined) {
      const indexes = await offer(flags.unwithdraw, true, flags, options);
      progress.stop();
      terminal.print(strong(flags.unwithdraw), ` is offered again.`);
      showIndexes(terminal, indexes);
      terminal.result({ offered: flags.unwithdraw, indexes });
    } else if (flags.restore) {
      const indexes = await restoreIndexes(options);
      progress.stop();
      terminal.print('Clients now see the release indexes that this machine saw last.');
      showIndexes(terminal, indexes);
      terminal.result({ restored: indexes.filter(({ changed }) => changed).length, indexes });
    } else if (directory !== undefined) {
      await runBuild(await buildOptions(directory, flags, options), flags, terminal, progress);
    }
  } finally {
    progress.stop();
  }
}

/** Offers a listed version, or stops offering it. */
async function offer(
  version: string,
  isOffered: boolean,
  flags: PolicyFlags,
  options: ReleaseOptions,
): Promise<readonly PublishedIndex[]> {
  const policy = { ...(await policyFrom(flags)), withdrawn: !isOffered };
  return updateReleasePolicy({ ...options, version, policy });
}

async function runBuild(
  options: BuildOptions,
  flags: PublishFlags,
  terminal: Terminal,
  progress: ProgressLine,
): Promise<void> {
  if (flags.prepare === undefined) {
    const report = await publishBuild(options);
    progress.stop();
    showReport(terminal, report);
    terminal.result(report);
    return;
  }
  const { report, envelopes } = await prepareBuild(options);
  await writePreparedFile(flags.prepare, envelopes);
  progress.stop();
  showReport(terminal, report);
  terminal.print(
    `Prepared: ${flags.prepare}. Others add their signature with "electron-tuf sign ${flags.prepare} --key …";`,
  );
  terminal.print(`then "electron-tuf publish --signed ${flags.prepare} …" publishes it.`);
  terminal.result({ ...report, prepared: flags.prepare });
}

async function buildOptions(directory: string, flags: PublishFlags, options: ReleaseOptions): Promise<BuildOptions> {
  if ((flags.version === undefined) !== (flags.platform === undefined)) {
    throw usage('--version and --platform belong together.');
  }
  const { version, platform: target, arch = target === undefined ? undefined : [target.arch] } = flags;
  return {
    ...options,
    directory,
    policy: await policyFrom(flags),
    ...(flags.deltas ? { deltas: { patches: flags.patches, quality: flags.quality } } : {}),
    ...(flags.store === true ? { decompress: true } : {}),
    ...omitUndefined({ arches: arch }),
    ...(version === undefined || target === undefined ? {} : { unlisted: { version, platform: target.platform } }),
    ...(flags.nextUpdate === undefined ? {} : { nextPublisher: await nextPublisher(flags.nextUpdate) }),
  };
}

async function nextPublisher(directory: string): Promise<NonNullable<BuildOptions['nextPublisher']>> {
  const { config } = await readUpdateFiles(directory);
  if (config.publisher === 'none')
    throw new UpdateError('OPTIONS_INVALID', `${directory} has no publisher keys to hand over to.`);
  return config.publisher;
}

function showReport(terminal: Terminal, report: PublishReport): void {
  terminal.print(strong(`${report.app} ${report.version}`), ` on ${report.channels.join(' and ')}`);
  for (const { path, length, kind } of report.artifacts) {
    terminal.print(`  ${path}  `, faint(`${kind}, ${formatBytes(length)}`));
  }
  showDeltas(terminal, report.deltas);
  if (report.ignored.length > 0) terminal.print(faint(`  not for updates: ${report.ignored.join(', ')}`));
  showIndexes(terminal, report.indexes);
}
