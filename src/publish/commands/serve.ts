import { Command } from 'commander';
import { once } from 'node:events';

import { serveRepository } from '../../repository/index.ts';
import { packedByMistake } from '../terminal/packed-by-mistake.ts';
import { runCommand } from '../terminal/run.ts';
import { strong } from '../terminal/terminal.ts';
import { count } from './flags.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description("serve a repository with RSTUF's REST API on this machine, for development and tests")
    .requiredOption('--directory <dir>', 'where keys, metadata and content live; created when missing')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes any free one', count, 8080)
    .option('--json', 'print one line of JSON', false)
    .action(async ({ directory, port, json }: { directory: string; port: number; json: boolean }) =>
      runCommand(json, async (terminal, signal) => {
        const repository = await serveRepository({ directory, port });
        try {
          const { url, apiUrl, metadataUrl, targetsUrl, contentDirectory } = repository;
          terminal.print(`${strong('Repository')}   ${url}`);
          terminal.print(`  --api            ${apiUrl}`);
          terminal.print(`  --metadata-url   ${metadataUrl}`);
          terminal.print(`  --targets-url    ${targetsUrl}`);
          terminal.print(`  --content        ${contentDirectory}`);
          const packed = await packedByMistake(directory);
          if (packed !== undefined) terminal.warn(packed);
          terminal.warn('its keys lie unprotected in the directory: for development only. Ctrl-C ends it.');
          terminal.result({ url, apiUrl, metadataUrl, targetsUrl, contentDirectory });
          if (!signal.aborted) await once(signal, 'abort');
        } finally {
          await repository.close();
        }
      }),
    );
}
