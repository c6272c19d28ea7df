import { Command, CommanderError } from 'commander';

import { createCommand } from './commands/create.ts';
import { bundleCommand } from './commands/bundle.ts';
import { doctorCommand } from './commands/doctor.ts';
import { downloadCommand } from './commands/download.ts';
import { initCommand } from './commands/init.ts';
import { keygenCommand } from './commands/keygen.ts';
import { publishCommand } from './commands/publish.ts';
import { renewCommand } from './commands/renew.ts';
import { rotateKeyCommand } from './commands/rotate-key.ts';
import { serveCommand } from './commands/serve.ts';
import { signCommand } from './commands/sign.ts';
import { tolerateClosedPipes } from './terminal/closed-pipe.ts';

tolerateClosedPipes([process.stdout, process.stderr]);

const program = new Command('electron-tuf')
  .description('Publishes updates of Electron apps that only their publisher can sign.')
  .exitOverride();
const commands = [
  keygenCommand,
  initCommand,
  publishCommand,
  signCommand,
  rotateKeyCommand,
  downloadCommand,
  bundleCommand,
  createCommand,
  renewCommand,
  serveCommand,
  doctorCommand,
];
for (const command of commands) program.addCommand(command().exitOverride());
for (const command of [program, ...program.commands]) command.showHelpAfterError('(add --help for the options)');

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
