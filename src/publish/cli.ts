#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import { initCommand } from './commands/init.ts';
import { keygenCommand } from './commands/keygen.ts';
import { publishCommand } from './commands/publish.ts';
import { serveCommand } from './commands/serve.ts';
import { signCommand } from './commands/sign.ts';

const program = new Command('electron-tuf')
  .description('Publishes updates of Electron apps that nobody but their publisher can sign.')
  .showHelpAfterError('(add --help for the options)');
for (const command of [keygenCommand(), initCommand(), publishCommand(), signCommand(), serveCommand()]) {
  program.addCommand(command.exitOverride().showHelpAfterError('(add --help for the options)'));
}

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
