import { Command, Option } from 'commander';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import { serveRepository } from '../../repository/index.ts';
import { packedByMistake } from '../terminal/packed-by-mistake.ts';
import { runCliCommand } from '../terminal/run.ts';
import { strong } from '../terminal/terminal.ts';
import { port as portNumber } from './flags.ts';

interface ServeFlags {
  readonly directory: string;
  readonly port: number;
  readonly token?: string;
  readonly json: boolean;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description("serve a repository with RSTUF's REST API on this machine, for development and tests")
    .requiredOption('--directory <dir>', 'directory for keys, metadata and content; created if missing')
    .option('--port <number>', 'port on 127.0.0.1; 0 means any free port', portNumber, 8080)
    .addOption(
      new Option('--token <token>', 'bearer token that the API requires (default: a random one, which is shown)').env(
        'ELECTRON_TUF_TOKEN',
      ),
    )
    .option('--json', 'print one line of JSON', false)
    .action(async ({ directory, port, token: given, json }: ServeFlags) =>
      runCliCommand(json, async (terminal, signal) => {
        const token = given ?? randomBytes(32).toString('base64url');
        const repository = await serveRepository({ directory, port, settings: { token } });
        try {
          const { url, apiUrl, metadataUrl, targetsUrl, contentDirectory } = repository;
          terminal.print(strong('Repository'), `   ${url}`);
          terminal.print(`  --api            ${apiUrl}`);
          terminal.print(`  --metadata-url   ${metadataUrl}`);
          terminal.print(`  --targets-url    ${targetsUrl}`);
          terminal.print(`  --content        ${contentDirectory}`);
          if (given === undefined) terminal.print(`  --token          ${token}`);
          const packed = await packedByMistake(directory);
          if (packed !== undefined) terminal.warn(packed);
          terminal.warn(
            'its keys are stored unprotected in the directory: for development only. Press Ctrl-C to stop.',
          );
          const addresses = { url, apiUrl, metadataUrl, targetsUrl, contentDirectory };
          terminal.result(given === undefined ? { ...addresses, token } : addresses);
          if (!signal.aborted) await once(signal, 'abort');
        } finally {
          await repository.close();
        }
      }),
    );
}
