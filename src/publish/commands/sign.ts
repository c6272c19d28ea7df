import { Command } from 'commander';

import { formatPlatformTarget } from '../../shared/platform-target.ts';
import { signEnvelope } from '../keys/sign-envelope.ts';
import { type IndexEnvelope, readPreparedFile, writePreparedFile } from '../workflow/prepared-release.ts';
import { confirmWith } from '../terminal/confirm.ts';
import { runCliCommand } from '../terminal/run.ts';
import { faint, strong, type Terminal } from '../terminal/terminal.ts';
import { readKeyFiles } from './keys.ts';
import { collect } from './flags.ts';

interface SignFlags {
  readonly key: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
}

export function signCommand(): Command {
  return new Command('sign')
    .description('add your signature to a prepared release; works offline')
    .argument('<file>', 'the file that "publish --prepare" wrote')
    .requiredOption('--key <file>', 'publisher key, repeatable', collect)
    .option('--yes', 'do not ask', false)
    .option('--json', 'print one line of JSON', false)
    .action(async (file: string, flags: SignFlags) =>
      runCliCommand(flags.json, async (terminal) => {
        const prepared = await readPreparedFile(file);
        for (const one of prepared) show(terminal, one);
        await confirmWith(flags.yes, 'Sign exactly this?');
        const keys = await readKeyFiles(flags.key, terminal);
        const signed = prepared.map(({ index, envelope }) => ({ index, envelope: signEnvelope(envelope, keys) }));
        await writePreparedFile(file, signed);
        const signatures = signed[0]?.envelope.signatures.map(({ keyid }) => keyid) ?? [];
        terminal.print(`${file} is now signed by ${signatures.length} ${signatures.length === 1 ? 'key' : 'keys'}.`);
        terminal.result({ file, signatures });
      }),
    );
}

/** Shows what the signer approves, decoded from the bytes that will be signed. */
function show(terminal: Terminal, { index, envelope }: IndexEnvelope): void {
  terminal.print(
    strong(index.app),
    ` ${index.channel} ${formatPlatformTarget(index)}, revision ${index.revision}, ${envelope.signatures.length} signatures`,
  );
  for (const release of index.releases) {
    const words = [
      release.withdrawn ? 'withdrawn' : '',
      release.critical ? 'critical' : '',
      release.rollout === undefined ? '' : `rollout ${release.rollout.basisPoints / 100} %`,
      release.requires === undefined ? '' : `requires ${release.requires}`,
      release.replaces === undefined ? '' : `replaces ${release.replaces}`,
    ]
      .filter((word) => word !== '')
      .map((word) => word.replaceAll(/\s+/g, ' '));
    terminal.print(`  ${release.version}  `, faint(words.join(', ')));
    for (const { path, sha256 } of release.artifacts) terminal.print(`    ${sha256}  ${path}`);
  }
  if (index.publisher !== undefined) {
    const { revision, threshold, keys } = index.publisher;
    terminal.print(
      `  hands over to publisher key set ${revision}: ${threshold} of ${keys.map((key) => key.keyid).join(', ')}`,
    );
  }
}
