import { Command } from 'commander';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { createStaticRepository } from '../../repository/index.ts';
import { repositoryKey, servedDirectories } from '../session/static-endpoint.ts';
import { runCliCommand } from '../terminal/run.ts';
import { strong } from '../terminal/terminal.ts';
import { collect, positiveInteger } from './flags.ts';
import { readKeyFiles, readOnlineKey } from './keys.ts';

interface CreateFlags {
  readonly repository: string;
  readonly rootKey: readonly string[];
  readonly onlineKey: string;
  readonly threshold?: number;
  readonly expireDays: number;
  readonly json: boolean;
}

export function createCommand(): Command {
  return new Command('create')
    .description('create a repository in a directory that any web server can serve, without RSTUF')
    .requiredOption('--repository <dir>', 'directory to create it in')
    .requiredOption('--root-key <file>', 'root key from "keygen"; keep it offline; repeatable', collect)
    .requiredOption('--online-key <file>', 'key from "keygen" that signs everything below the root')
    .option('--threshold <number>', 'how many root keys must sign (default: all)', positiveInteger)
    .option('--expire-days <number>', 'days until the metadata expires unless "renew" runs', positiveInteger, 7)
    .option('--json', 'print one line of JSON', false)
    .action(async (flags: CreateFlags) =>
      runCliCommand(flags.json, async (terminal) => {
        const root = await readKeyFiles(flags.rootKey, terminal);
        const online = await readOnlineKey(flags.onlineKey, terminal);
        const created = await createStaticRepository({
          directory: flags.repository,
          keys: {
            root: root.map((key, at) => repositoryKey(key, `root-${at + 1}`)),
            online: repositoryKey(online, 'online'),
          },
          expireDays: flags.expireDays,
          ...omitUndefined({ threshold: flags.threshold }),
        });
        const { metadata, content } = servedDirectories(flags.repository);
        terminal.print(strong('Repository'), `  ${flags.repository}`);
        terminal.print(`  serve ${metadata} at your metadata URL and ${content} at your targets URL`);
        terminal.print(`  root of trust: ${created.root}  (for "electron-tuf init --root")`);
        terminal.print(`  run "electron-tuf renew" at least every ${flags.expireDays} days, for example daily in CI`);
        terminal.result({ repository: flags.repository, metadata, content, ...created });
      }),
    );
}
