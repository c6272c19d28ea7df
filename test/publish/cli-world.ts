import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

import { type Client, createClient } from '../../src/main/client.ts';
import type { ReleaseQuery } from '../../src/main/ports.ts';
import { writeUpdateFiles } from '../../src/publish/init/update-files.ts';
import { generateKeyFile } from '../../src/publish/keys/key-file.ts';
import { type RepositorySettings, type RunningRepository, serveRepository } from '../../src/repository/index.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import type { PublisherKey } from '../../src/shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../src/shared/release-index.ts';
import type { TrustedTarget } from '../../src/shared/trusted-target.ts';
import type { UpdateConfig } from '../../src/shared/update-config.ts';
import { relayTo, type RelayScript } from './relay.ts';

export const app = 'org.example.notes';
export const passphrase = 'correct horse battery staple';
export const token = 't0ken-of-the-gateway';
const command = resolve(import.meta.dirname, '../../src/publish/cli.ts');

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The last line of stdout, as JSON. */
export function jsonOf({ stdout }: CliResult): unknown {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

export interface CliRun {
  kill(signal: NodeJS.Signals): void;
  /** The first line of stdout, when it is there. */
  readonly firstLine: Promise<string>;
  readonly done: Promise<CliResult>;
}

/** A repository, a publisher with two keys, and the `electron-tuf` command as a child process. */
export interface CliWorld {
  readonly directory: string;
  readonly repository: RunningRepository;
  readonly config: UpdateConfig;
  /** The requests that a relay saw. */
  readonly lines: readonly string[];
  path(...segments: readonly string[]): string;
  start(...args: readonly string[]): CliRun;
  run(...args: readonly string[]): Promise<CliResult>;
  /** `publish <build> …` with the update directory, the first key, content and API of this world, as JSON. */
  publishArgs(build: string, ...more: readonly string[]): readonly string[];
  /** Writes what electron-builder would: one AppImage for linux-x64. Returns the directory. */
  build(version: string, content?: string | Uint8Array): Promise<string>;
  /** The index of linux-x64, on stable unless another channel is named, as an installed app sees it, or the code of the refusal. */
  index(channel?: string): Promise<ReleaseIndex | string>;
  /** What the repository lists under a path of the app. */
  target(path: string): Promise<TrustedTarget | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CliWorldOptions {
  readonly settings?: RepositorySettings;
  /** Of two keys. @defaultValue 1 */
  readonly threshold?: number;
  /** Address of an API. @defaultValue the repository's own */
  readonly api?: string;
  /** Stands between the publisher and the API. */
  readonly between?: RelayScript;
}

export async function createCliWorld({
  settings = {},
  threshold = 1,
  ...options
}: CliWorldOptions = {}): Promise<CliWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'publish-'));
  const path = (...segments: readonly string[]): string => join(directory, ...segments);
  const repository = await serveRepository({ directory: path('repository'), settings: { token, ...settings } });
  const root = await readFile(join(repository.store.places.metadata, '1.root.json'));
  const config: UpdateConfig = {
    schema: 1,
    app,
    metadataUrl: repository.metadataUrl,
    targetsUrls: [repository.targetsUrl],
    channel: 'stable',
    publisher: { revision: 1, threshold, keys: [await keygen(path('a.pem')), await keygen(path('b.pem'))] },
  };
  await writeUpdateFiles(path('update'), { root, config });
  const relay = options.between && (await relayTo(repository.url, options.between));
  const running = new Set<CliRun>();
  const start = (...args: readonly string[]): CliRun => {
    const run = startCli(directory, args);
    running.add(run);
    void run.done.finally(() => running.delete(run));
    return run;
  };
  return {
    directory,
    repository,
    config,
    lines: relay?.lines ?? [],
    path,
    start,
    run: async (...args) => start(...args).done,
    publishArgs: (build, ...more) => [
      'publish',
      build,
      `--update=${path('update')}`,
      `--key=${path('a.pem')}`,
      `--api=${relay?.url ?? options.api ?? repository.apiUrl}`,
      `--content=${repository.contentDirectory}`,
      '--json',
      ...more,
    ],
    build: async (version, content) => writeBuild(path(`build-${version}`), version, content),
    index: async (channel = 'stable') => readIndex(config, root, channel),
    target: async (name) =>
      withClient(config, root, async (client) => client.trust.target(`${app}/${name}`).catch(whenUnknown)),
    async [Symbol.asyncDispose]() {
      for (const run of running) run.kill('SIGKILL');
      await Promise.all([...running].map(async (run) => run.done));
      await relay?.[Symbol.asyncDispose]();
      await repository.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function keygen(file: string): Promise<PublisherKey> {
  return (await generateKeyFile(file, async () => Promise.resolve(passphrase))).publicKey;
}

/** Every run is a test of its own: what is secret must be in no line. */
export function startCli(directory: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): CliRun {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      // Most of a short run is reading TypeScript.
      NODE_COMPILE_CACHE: resolve(import.meta.dirname, '../../node_modules/.cache/compile'),
      XDG_STATE_HOME: join(directory, 'state'),
      ELECTRON_TUF_PASSPHRASE: passphrase,
      ELECTRON_TUF_TOKEN: token,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const done = new Promise<CliResult>((fulfil, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const result = {
        code,
        signal,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      };
      for (const secret of [passphrase, token]) {
        if (`${result.stdout}${result.stderr}`.includes(secret))
          return reject(new Error(`A secret was shown: ${secret}`));
      }
      return fulfil(result);
    });
  });
  const firstLine = new Promise<string>((fulfil) => {
    child.stdout.on('data', () => {
      const text = Buffer.concat(stdout).toString();
      if (text.includes('\n')) fulfil(text.slice(0, text.indexOf('\n')));
    });
  });
  return { kill: (signal) => void child.kill(signal), firstLine, done };
}

export async function writeBuild(
  directory: string,
  version: string,
  content: string | Uint8Array = `the bytes of ${version}`,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const name = `Notes-${version}-linux-x86_64.AppImage`;
  await writeFile(join(directory, name), content);
  const sha512 = createHash('sha512').update(content).digest('base64');
  const files = [{ url: name, sha512, size: Buffer.byteLength(content) }];
  await writeFile(
    join(directory, 'latest-linux.yml'),
    stringify({ version, files, releaseDate: '2026-11-22T10:00:00.000Z', releaseNotes: `What is new in ${version}` }),
  );
  return directory;
}

async function readIndex(config: UpdateConfig, root: Uint8Array, channel: string): Promise<ReleaseIndex | string> {
  const query: ReleaseQuery = { app, channel, target: { platform: 'linux', arch: 'x64' } };
  try {
    return await withClient(config, root, async (client) => client.trust.releaseIndex(query));
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

function whenUnknown(error: unknown): undefined {
  if (error instanceof UpdateError && error.code === 'TRUST_TARGET_UNKNOWN') return undefined;
  throw error;
}

/** A client that has seen nothing yet. */
async function withClient<T>(config: UpdateConfig, root: Uint8Array, ask: (client: Client) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'reader-'));
  const client = createClient({ config, anchor: { type: 'root', bytes: root }, directory });
  try {
    return await ask(client);
  } finally {
    await client.close();
    await rm(directory, { recursive: true, force: true });
  }
}
