import { Command } from 'commander';

import { UpdateError } from '../../shared/errors.ts';
import { readUpdateFiles, writeUpdateFiles } from '../init/update-files.ts';
import { readPublicKeyFile } from '../keys/key-file.ts';
import { confirmWith } from '../terminal/confirm.ts';
import { createProgressLine } from '../terminal/progress.ts';
import { runCliCommand, usage } from '../terminal/run.ts';
import { strong, type Terminal } from '../terminal/terminal.ts';
import { retireKeys, rotateKeys, type RotationReport } from '../workflow/change-publisher-keys.ts';
import { collect, positiveInteger } from './flags.ts';
import {
  addSessionOptions,
  atEndpoint,
  type Endpoint,
  releaseOptions,
  type SessionFlags,
  showIndexes,
} from './session-options.ts';

interface RotateFlags extends SessionFlags {
  readonly publisherKey?: readonly string[];
  readonly threshold: number;
  readonly channel?: readonly string[];
  readonly retire: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

export function rotateKeyCommand(): Command {
  const command = new Command('rotate-key')
    .description('hand over to other publisher keys: installed apps follow, and update.json names the new ones')
    .option('--publisher-key <file>', 'public key of the new set, repeatable: name every key that shall count', collect)
    .option('--threshold <number>', 'how many of them must sign a release', positiveInteger, 1)
    .option(
      '--channel <name>',
      'channel, repeatable: name every one that you publish to (default: the one in update.json)',
      collect,
    )
    .option(
      '--retire',
      'end the hand-over: the old keys sign no more, and builds that have not followed stay behind',
      false,
    );
  return addSessionOptions(command)
    .option('--yes', 'do not ask before --retire', false)
    .option('--json', 'print one line of JSON', false)
    .action(async (flags: RotateFlags) =>
      runCliCommand(flags.json, async (terminal, signal) => {
        if (flags.retire === (flags.publisherKey !== undefined)) {
          throw usage('Give one of: --publisher-key <file> for each key of the new set, --retire.');
        }
        await atEndpoint(flags, terminal, async (endpoint) => run(endpoint, flags, terminal, signal));
      }),
    );
}

async function run(endpoint: Endpoint, flags: RotateFlags, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const progress = createProgressLine(terminal);
  const { channel, publisherKey = [], threshold, ...rest } = flags;
  const options = await releaseOptions(endpoint, rest, terminal, signal, progress);
  const channels = channel ?? [options.config.channel];
  try {
    if (flags.retire) {
      await confirmWith(flags.yes, 'Builds that have not updated since the hand-over can never update again. Go on?');
      const report = await retireKeys({ ...options, channels });
      progress.stop();
      terminal.print(
        strong('The hand-over has ended.'),
        ` The keys of set ${report.publisher.revision} alone sign from now on.`,
      );
      show(terminal, report);
      return;
    }
    const keys = await Promise.all(publisherKey.map(readPublicKeyFile));
    const report = await rotateKeys({ ...options, channels }, { keys, threshold });
    progress.stop();
    await keepInUpdateFiles(flags.update, report);
    const { publisher, formerPublishers } = report;
    const former = formerPublishers.map(({ revision }) => revision).join(', ');
    terminal.print(
      strong(`Key set ${publisher.revision}`),
      ` is in force, and ${flags.update}/update.json names it: build the next version with it.`,
    );
    terminal.print(
      `Go on signing with the old keys too (set ${former}), so that older builds can follow: --key <old> --key <new>.`,
    );
    terminal.print('"electron-tuf rotate-key --retire" ends that, when the builds that matter have followed.');
    show(terminal, report);
  } finally {
    progress.stop();
  }
}

/** The next build embeds the new set. */
async function keepInUpdateFiles(directory: string, { publisher }: RotationReport): Promise<void> {
  const { root, config } = await readUpdateFiles(directory);
  if (config.publisher === 'none') throw new UpdateError('PUBLISH_INPUT', `${directory} has no publisher keys.`);
  if (config.publisher.revision < publisher.revision)
    await writeUpdateFiles(directory, { root, config: { ...config, publisher } });
}

function show(terminal: Terminal, report: RotationReport): void {
  showIndexes(terminal, report.indexes);
  terminal.result(report);
}
