import { Command } from 'commander';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { createClient } from '../../main/client.ts';
import { createNodeHttpClient } from '../../main/http/node-client.ts';
import { parseSecureUrl } from '../../main/http/secure-url.ts';
import { UpdateError, type UpdateErrorCode } from '../../shared/errors.ts';
import { parseUpdateConfig, type UpdateConfig } from '../../shared/update-config.ts';
import { trustedRootFile } from '../../shared/sigstore-keys.ts';
import { trustedRootFromFile, trustedRootFromSigstore } from '../init/fetch-trusted-root.ts';
import { rootFromApi, rootFromFile } from '../init/fetch-root.ts';
import { inspectRoot, type RootFacts } from '../init/inspect-root.ts';
import {
  nextKeySet,
  readUpdateFilesIfThere,
  trustIn,
  type UpdateFiles,
  writeUpdateFiles,
} from '../init/update-files.ts';
import { readPublicKeyFile } from '../keys/key-file.ts';
import { confirmWith } from '../terminal/confirm.ts';
import { runCliCommand, usage } from '../terminal/run.ts';
import { faint, strong, type Terminal } from '../terminal/terminal.ts';
import { addApiOptions, type ApiFlags, apiOptions, collect, positiveInteger } from './flags.ts';

interface InitFlags extends ApiFlags {
  readonly root?: string;
  readonly trustedRoot?: string;
  readonly sigstore: boolean;
  readonly app: string;
  readonly metadataUrl: string;
  readonly targetsUrl: readonly string[];
  readonly channel: string;
  /** False with `--no-publisher-keys`. */
  readonly publisherKeys: boolean;
  readonly publisherKey?: readonly string[];
  readonly threshold: number;
  readonly versionFloor?: string;
  readonly windowsPublisher?: readonly string[];
  readonly out: string;
  readonly yes: boolean;
  readonly json: boolean;
}

export function initCommand(): Command {
  const command = new Command('init')
    .description('get the root of trust and write the files that your app embeds: update/root.json, update/update.json')
    .option('--root <file>', "root.json that you got from the repository's owner (instead of --api)")
    .option('--trusted-root <file>', 'trusted_root.json of your own Sigstore, for Sigstore identities among the keys')
    .option('--sigstore', "fetch the trusted root of Sigstore's public instance and verify it", false);
  return addApiOptions(command)
    .requiredOption('--app <id>', 'reverse-DNS id of your app, e.g. org.example.notes')
    .requiredOption('--metadata-url <url>', 'where timestamp.json is')
    .requiredOption('--targets-url <url>', 'where the files are; repeat it for mirrors', collect)
    .option('--channel <name>', 'channel that the app uses until its user chooses another', 'stable')
    .option('--publisher-key <file>', 'public key from "keygen", repeatable', collect)
    .option('--threshold <number>', 'how many publisher keys must sign a release', positiveInteger, 1)
    .option('--no-publisher-keys', 'trust only RSTUF: anyone with its online key or access to its API can release')
    .option('--version-floor <version>', 'never offer releases below this version')
    .option('--windows-publisher <name>', 'required Authenticode signer of Windows installers, repeatable', collect)
    .option('--out <dir>', 'directory to write to', 'update')
    .option('--yes', 'do not ask: you have compared the root already', false)
    .option('--json', 'print one line of JSON', false)
    .action(async (flags: InitFlags) => runCliCommand(flags.json, async (terminal) => run(flags, terminal)));
}

async function run(flags: InitFlags, terminal: Terminal): Promise<void> {
  parseSecureUrl(flags.metadataUrl);
  for (const url of flags.targetsUrl) parseSecureUrl(url);
  const previous = await readUpdateFilesIfThere(flags.out);
  const config = parseUpdateConfig({
    schema: 1,
    app: flags.app,
    metadataUrl: flags.metadataUrl,
    targetsUrls: flags.targetsUrl,
    channel: flags.channel,
    publisher: await publisherOf(flags, previous?.config.publisher),
    ...omitUndefined({ versionFloor: flags.versionFloor, windowsPublishers: flags.windowsPublisher }),
  });
  const root = await obtainRoot(flags);
  const trustedRoot = (await obtainTrustedRoot(flags)) ?? previous?.trustedRoot;
  const files: UpdateFiles = { root, config, ...omitUndefined({ trustedRoot }) };
  const facts = await inspectRoot(root, trustedRoot);
  await checkRepository(files, flags, terminal);
  showRoot(terminal, facts);
  showPublisher(terminal, config);
  warnOfOtherKeys(terminal, previous?.config, config);
  await confirmWith(flags.yes, "Is this the root that the repository's owner shows? Your app will trust it.");
  await writeUpdateFiles(flags.out, files);
  terminal.print(
    `Written: ${writtenFiles(files)
      .map((name) => `${flags.out}/${name}`)
      .join(', ')}. Commit them; nothing in them is secret.`,
  );
  terminal.result({ directory: flags.out, root: facts, publisher: config.publisher });
}

function writtenFiles({ trustedRoot }: UpdateFiles): readonly string[] {
  return ['root.json', 'update.json', ...(trustedRoot === undefined ? [] : [trustedRootFile])];
}

async function publisherOf(flags: InitFlags, previous?: UpdateConfig['publisher']): Promise<UpdateConfig['publisher']> {
  const files = flags.publisherKey ?? [];
  if (!flags.publisherKeys) {
    if (files.length > 0) throw usage('--publisher-key and --no-publisher-keys exclude each other.');
    return 'none';
  }
  if (files.length === 0) {
    throw usage(
      '--publisher-key is missing. Make a key with "electron-tuf keygen", or choose --no-publisher-keys and read docs/trust.md first.',
    );
  }
  return nextKeySet(previous, await Promise.all(files.map(readPublicKeyFile)), flags.threshold);
}

async function obtainRoot(flags: InitFlags): Promise<Uint8Array> {
  if (flags.root !== undefined) return rootFromFile(flags.root);
  const http = createNodeHttpClient();
  try {
    return await rootFromApi(apiOptions(flags), flags.metadataUrl, http);
  } finally {
    await http.close();
  }
}

/** @returns `undefined` if neither flag asks for one: what an earlier run wrote is kept */
async function obtainTrustedRoot({ trustedRoot, sigstore }: InitFlags): Promise<Uint8Array | undefined> {
  if (trustedRoot !== undefined && sigstore) throw usage('--trusted-root and --sigstore exclude each other.');
  if (trustedRoot !== undefined) return trustedRootFromFile(trustedRoot);
  return sigstore ? trustedRootFromSigstore() : undefined;
}

/** Verifies the repository from this root as the app will. With --root, the repository may still be unreachable. */
async function checkRepository(files: UpdateFiles, flags: InitFlags, terminal: Terminal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'electron-tuf-'));
  const client = createClient({ config: files.config, ...trustIn(files), directory });
  try {
    await client.trust.refresh();
  } catch (error) {
    const early = flags.root !== undefined && error instanceof UpdateError && unreachableCodes.includes(error.code);
    if (!early) throw error;
    terminal.warn(`the repository cannot be checked now: ${error.message}`);
  } finally {
    await client.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const unreachableCodes: readonly UpdateErrorCode[] = ['TRUST_OFFLINE', 'TRUST_SERVER', 'TRUST_FILE_MISSING'];

function showRoot(terminal: Terminal, root: RootFacts): void {
  if (Date.parse(root.expires) < Date.now()) {
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      `This root expired on ${root.expires}. Get the current one from the repository's owner.`,
    );
  }
  terminal.print(strong('Root of trust'), `  version ${root.version}, expires ${root.expires}`);
  terminal.print(`  sha256     ${root.sha256}`);
  for (const { name, threshold, keys } of root.roles) {
    terminal.print(`  ${name.padEnd(10)} ${threshold} of ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}`);
    for (const key of keys)
      terminal.print(`             ${key.keyid}  `, faint([key.keytype, key.name].filter(Boolean).join(', ')));
  }
}

/** Warns when the keys change, because writing new keys here does not hand over to them. */
function warnOfOtherKeys(terminal: Terminal, before: UpdateConfig | undefined, { publisher }: UpdateConfig): void {
  if (before === undefined || before.publisher === 'none' || publisher === 'none') return;
  if (before.publisher.revision === publisher.revision) return;
  terminal.warn(
    'the publisher keys change: installed apps refuse what the new keys sign. If you have released before, use "electron-tuf rotate-key" instead, from the directory with the old keys.',
  );
}

function showPublisher(terminal: Terminal, { publisher }: UpdateConfig): void {
  if (publisher === 'none') {
    terminal.warn("no publisher keys: anyone with RSTUF's online key or access to its API can release to your users.");
    return;
  }
  terminal.print(
    strong('Publisher keys'),
    `  ${publisher.threshold} of ${publisher.keys.length} must sign each release index (set ${publisher.revision})`,
  );
  for (const { keyid } of publisher.keys) terminal.print(`             ${keyid}`);
}
