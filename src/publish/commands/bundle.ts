import { Command, Option } from 'commander';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { PlatformTarget } from '../../shared/platform-target.ts';
import { type ArtifactKind, artifactKinds } from '../../shared/artifact-kinds.ts';
import { assertChannel } from '../../shared/target-path.ts';
import { writeBundle } from '../client/write-bundle.ts';
import { readUpdateFiles } from '../init/update-files.ts';
import { formatBytes } from '../terminal/format.ts';
import { createProgressLine } from '../terminal/progress.ts';
import { runCliCommand } from '../terminal/run.ts';
import { faint, strong, type Terminal } from '../terminal/terminal.ts';
import { platformTarget } from './flags.ts';

interface BundleFlags {
  readonly update: string;
  readonly platform: PlatformTarget;
  readonly channel?: string;
  readonly version?: string;
  readonly kind?: ArtifactKind;
  readonly out: string;
  readonly json: boolean;
}

export function bundleCommand(): Command {
  return new Command('bundle')
    .description('write a release and everything needed to verify it into one file, for offline machines')
    .requiredOption('--update <dir>', 'the update directory that the app embeds (update.json and root.json)')
    .requiredOption('--platform <target>', 'e.g. linux-x64, win32-arm64, darwin-universal', platformTarget)
    .option('--channel <name>', 'channel (default: the one in update.json)')
    .option('--version <version>', 'version (default: the newest)')
    .addOption(new Option('--kind <kind>', 'only files of this kind').choices(artifactKinds))
    .requiredOption('--out <file>', 'the file to write')
    .option('--json', 'print one line of JSON', false)
    .action(async (flags: BundleFlags) =>
      runCliCommand(flags.json, async (terminal, signal) => run(flags, terminal, signal)),
    );
}

async function run(flags: BundleFlags, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { config, ...trusted } = await readUpdateFiles(flags.update);
  const progress = createProgressLine(terminal);
  try {
    const report = await writeBundle({
      config,
      ...trusted,
      query: { app: config.app, channel: assertChannel(flags.channel ?? config.channel), target: flags.platform },
      ...omitUndefined({ version: flags.version, kind: flags.kind }),
      out: flags.out,
      signal,
      onProgress: ({ received, total, ...rate }) =>
        progress.update({ label: 'Downloading', unit: 'bytes', done: received, total, ...rate }),
    });
    progress.stop();
    terminal.print(
      strong(report.file),
      `  ${report.version}  ${report.kinds.join(', ')}  ${formatBytes(report.length)}`,
    );
    terminal.print(faint(`  its metadata expires on ${report.expires}; apps accept it for another 30 days`));
    terminal.result(report);
  } finally {
    progress.stop();
  }
}
