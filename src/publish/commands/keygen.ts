import { Command } from 'commander';

import { generateKeyFile } from '../keys/key-file.ts';
import { newPassphraseSource } from '../terminal/passphrase.ts';
import { packedByMistake } from '../terminal/packed-by-mistake.ts';
import { runCliCommand } from '../terminal/run.ts';
import { strong } from '../terminal/terminal.ts';

export function keygenCommand(): Command {
  return new Command('keygen')
    .description('generate a publisher key: an encrypted private key for you, a public key for your app')
    .option('--out <file>', 'file for the private key', 'publisher.pem')
    .option('--json', 'print one line of JSON', false)
    .action(async ({ out, json }: { out: string; json: boolean }) =>
      runCliCommand(json, async (terminal) => {
        const { publicFile, publicKey } = await generateKeyFile(out, newPassphraseSource());
        terminal.print('key id       ', strong(publicKey.keyid));
        terminal.print(
          `private key  ${out}  (keep it offline and backed up; anyone with it and its passphrase can release)`,
        );
        terminal.print(`public key   ${publicFile}  (give it to "electron-tuf init --publisher-key")`);
        const packed = await packedByMistake(out);
        if (packed !== undefined) terminal.warn(packed);
        terminal.result({ keyid: publicKey.keyid, privateKey: out, publicKey: publicFile });
      }),
    );
}
