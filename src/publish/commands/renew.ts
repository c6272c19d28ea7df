import { Command } from 'commander';

import { renewStaticRepository } from '../../repository/index.ts';
import { repositoryKey } from '../session/static-endpoint.ts';
import { runCliCommand } from '../terminal/run.ts';
import { collect } from './flags.ts';
import { readKeyFiles, readOnlineKey } from './keys.ts';

interface RenewFlags {
  readonly repository: string;
  readonly rootKey?: readonly string[];
  readonly onlineKey: string;
  readonly json: boolean;
}

export function renewCommand(): Command {
  return new Command('renew')
    .description('sign the metadata of a repository in a directory again before it expires')
    .requiredOption('--repository <dir>', 'repository from "create"')
    .requiredOption('--online-key <file>', 'key that signs everything below the root')
    .option(
      '--root-key <file>',
      'root key, repeatable: with all root keys, also sign a new root that names this online key',
      collect,
    )
    .option('--json', 'print one line of JSON', false)
    .action(async (flags: RenewFlags) =>
      runCliCommand(flags.json, async (terminal) => {
        const root = flags.rootKey === undefined ? undefined : await readKeyFiles(flags.rootKey, terminal);
        const online = await readOnlineKey(flags.onlineKey, terminal);
        const renewed = await renewStaticRepository(flags.repository, {
          online: repositoryKey(online, 'online'),
          ...(root === undefined ? {} : { root: root.map((key, at) => repositoryKey(key, `root-${at + 1}`)) }),
        });
        terminal.print(`Renewed until ${renewed.expires}, root version ${renewed.rootVersion}.`);
        terminal.result(renewed);
      }),
    );
}
