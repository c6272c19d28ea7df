import { Command } from 'commander';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import type { Finding, Level } from '../doctor/checks/finding.ts';
import { runCliCommand } from '../terminal/run.ts';
import { faint, type Terminal } from '../terminal/terminal.ts';
import { addApiOptions, type ApiFlags, apiOptions, collect } from './flags.ts';

interface DoctorFlags extends ApiFlags {
  readonly project: string;
  readonly update: string;
  readonly config?: string;
  readonly key?: readonly string[];
  readonly channel?: string;
  readonly strict: boolean;
  readonly json: boolean;
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check everything that updates depend on and advise what to fix; changes nothing')
    .option('--project <dir>', 'directory in which electron-builder runs', '.')
    .option('--update <dir>', 'directory with root.json and update.json, relative to the project', 'update')
    .option('--config <file>', "electron-builder's configuration file, if its name is unusual")
    .option('--key <file>', 'publisher key that you sign with, repeatable (no passphrase needed)', collect)
    .option('--channel <name>', 'channel (default: the one in update.json)');
  return addApiOptions(command)
    .option('--strict', 'treat warnings as failures', false)
    .option('--json', 'print one line of JSON', false)
    .action(async (flags: DoctorFlags) =>
      runCliCommand(flags.json, async (terminal, signal) => run(flags, terminal, signal)),
    );
}

async function run(flags: DoctorFlags, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const findings = await runDoctor({
    project: flags.project,
    update: flags.update,
    ...omitUndefined({ builderConfig: flags.config }),
    keys: flags.key ?? [],
    ...omitUndefined({ channel: flags.channel }),
    ...(flags.api === undefined ? {} : { api: apiOptions(flags) }),
    signal,
  });
  const counts = { ok: 0, warn: 0, fail: 0 };
  for (const { level } of findings) counts[level] += 1;
  show(terminal, findings);
  terminal.print('');
  terminal.print(`${counts.ok} good, ${plural(counts.warn, 'warning')}, ${plural(counts.fail, 'problem')}`);
  if (flags.api === undefined) terminal.print(faint('RSTUF itself was not checked: give its address with --api.'));
  terminal.result({ ...counts, findings });
  if (counts.fail > 0 || (flags.strict && counts.warn > 0)) process.exitCode = 1;
}

const marks: Readonly<Record<Level, { readonly word: string; readonly colour: 'green' | 'yellow' | 'red' }>> = {
  ok: { word: 'ok  ', colour: 'green' },
  warn: { word: 'warn', colour: 'yellow' },
  fail: { word: 'FAIL', colour: 'red' },
};

function show(terminal: Terminal, findings: readonly Finding[]): void {
  const width = Math.min(20, Math.max(...findings.map(({ about }) => about.length)));
  for (const { about, level, text, advice } of findings) {
    const { word, colour } = marks[level];
    terminal.print({ style: colour, text: word }, `  ${about.padEnd(width)}  ${text}`);
    if (advice !== undefined) terminal.print(`      ${' '.repeat(width)}  → ${advice}`);
  }
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
