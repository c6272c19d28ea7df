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
    .description('hand over to new publisher keys; installed apps follow, and update.json gets the new keys')
    .option('--publisher-key <file>', 'public key of the new set, repeatable: give every key of the set', collect)
    .option('--threshold <number>', 'how many of them must sign a release', positiveInteger, 1)
    .option(
      '--channel <name>',
      'channel, repeatable: give every channel that you publish to (default: the one in update.json)',
      collect,
    )
    .option(
      '--retire',
      'end the hand-over: the old keys no longer sign, and builds that have not followed cannot update',
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
      await confirmWith(
        flags.yes,
        'Builds that have not updated since the hand-over can never update again. Continue?',
      );
      const report = await retireKeys({ ...options, channels });
      progress.stop();
      terminal.print(
        strong('The hand-over has ended.'),
        ` From now on, only the keys of set ${report.publisher.revision} sign.`,
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
      ` is in force. ${flags.update}/update.json names it: build the next version with it.`,
    );
    terminal.print(
      `Keep signing with the old keys too (set ${former}), so that older builds can follow: --key <old> --key <new>.`,
    );
    terminal.print('When all builds that matter have followed, end the hand-over: "electron-tuf rotate-key --retire".');
    show(terminal, report);
  } finally {
    progress.stop();
  }
}

/** Writes the new set to `update.json`, which the next build embeds. */
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
