// @module-tag slow
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { listen } from '../support/listen.ts';
import { createSigstoreWorld } from '../support/sigstore-world.ts';
import { serveDirectory, type WebServer } from '../support/web-server.ts';
import { app, type CliResult, type CliWorld, createCliWorld, jsonOf, startCli, token } from './cli-world.ts';

const fixture = resolve(import.meta.dirname, '../fixtures/rstuf');

function codeOf(result: CliResult): unknown {
  return (jsonOf(result) as { error?: { code: string } }).error?.code ?? 'downloaded';
}

describe('electron-tuf download of a release', () => {
  let world: CliWorld;
  let args: readonly string[];
  beforeAll(async () => {
    world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0')));
    await world.run(...world.publishArgs(await world.build('1.1.0', 'x'.repeat(3_000_000))));
    const { metadataUrl, targetsUrl } = world.repository;
    const urls = [`--metadata-url=${metadataUrl}`, `--targets-url=${targetsUrl}`];
    const keys = ['--publisher-key=a.pub.json', '--publisher-key=b.pub.json'];
    args = ['download', '--root=update/root.json', ...urls, ...keys, `--app=${app}`, '--platform=linux-x64', '--json'];
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it('verifies both locks and reports what was verified', async () => {
    const result = await world.run(...args, '--version', '1.0.0', '--out', 'one');
    const text = await readFile(world.path('one/Notes-1.0.0-linux-x86_64.AppImage'), 'utf8');
    expect([result.code, text, jsonOf(result)]).toEqual([
      0,
      'the bytes of 1.0.0',
      {
        file: 'one/Notes-1.0.0-linux-x86_64.AppImage',
        path: `${app}/releases/1.0.0/Notes-1.0.0-linux-x86_64.AppImage`,
        version: '1.0.0',
        length: 18,
        hashes: {
          sha256: createHash('sha256').update(text).digest('hex'),
          sha512: createHash('sha512').update(text).digest('hex'),
        },
        rootVersion: 1,
        publisherSigned: true,
        requests: expect.any(Number) as number,
        bytes: expect.any(Number) as number,
        saved: 0,
      },
    ]);
  });

  it('fetches only what the named CI built, if asked', async () => {
    const sigstore = await createSigstoreWorld();
    const builder = {
      issuer: 'https://token.actions.githubusercontent.com',
      repository: 'https://github.com/example/notes',
      commit: 'c'.repeat(40),
      ref: 'refs/tags/v1.0.0',
      workflow: '.github/workflows/release.yml',
    };
    const sha256 = createHash('sha256').update('the bytes of 1.0.0').digest('hex');
    const bundle = await sigstore.attest(builder, {
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://slsa.dev/provenance/v1',
      subject: [{ name: 'notes', digest: { sha256 } }],
      predicate: {},
    });
    await writeFile(world.path('proof.json'), JSON.stringify(bundle));
    await writeFile(world.path('trusted.json'), sigstore.trustedRoot);
    const proof = ['--provenance=proof.json', '--trusted-root=trusted.json', '--out=proven'];
    const from = async (version: string, ...more: readonly string[]): Promise<CliResult> =>
      world.run(...args, '--version', version, ...proof, ...more);
    const { issuer: _issuer, ...told } = builder;
    expect({
      half: codeOf(await from('1.0.0')),
      elsewhere: codeOf(await from('1.0.0', '--built-from=https://github.com/example/other')),
      otherFile: codeOf(await from('1.1.0', `--built-from=${builder.repository}`)),
      nothing: await readdir(world.path('proven')).catch(() => []),
    }).toEqual({
      half: 'OPTIONS_INVALID',
      elsewhere: 'TRUST_PROVENANCE_MISMATCH',
      otherFile: 'TRUST_PROVENANCE_INVALID',
      nothing: [],
    });
    const done = await from('1.0.0', `--built-from=${builder.repository}`, `--workflow=${builder.workflow}`);
    expect([done.code, jsonOf(done)]).toMatchObject([0, { provenance: told }]);
    const plain = await world.run(
      ...args.filter((arg) => arg !== '--json'),
      '--version',
      '1.0.0',
      ...proof,
      `--built-from=${builder.repository}`,
    );
    expect(plain.stdout).toContain(`built from ${builder.repository} at commit ${builder.commit}`);
  });

  it('takes the newest version by default, and all settings from an update directory', async () => {
    const result = await world.run(
      'download',
      '--update',
      'update',
      '--platform',
      'linux-x64',
      '--out',
      'two',
      '--json',
    );
    expect(jsonOf(result)).toMatchObject({ version: '1.1.0', length: 3_000_000, publisherSigned: true });
  });

  it('resumes where Ctrl-C stopped it', async () => {
    await using stalling = await stallAfter(1_000_000, 3_000_000);
    const out = ['--out', 'three'];
    const run = world.start(
      ...args.map((one) => (one.startsWith('--targets-url') ? `--targets-url=${stalling.url}` : one)),
      `--targets-url=${world.repository.targetsUrl}`,
      ...out,
    );
    const part = world.path('three/Notes-1.1.0-linux-x86_64.AppImage.part');
    await vi.waitFor(async () => expect((await stat(part)).size).toBeGreaterThan(0), { timeout: 20_000 });
    run.kill('SIGINT');
    const stopped = await run.done;
    const names = await readdir(world.path('three'));
    const result = await world.run(...args, ...out);
    const { saved, bytes } = jsonOf(result) as { saved: number; bytes: number };
    expect({
      stopped: stopped.code,
      kept: names.includes('Notes-1.1.0-linux-x86_64.AppImage.part'),
      code: result.code,
    }).toEqual({
      stopped: 130,
      kept: true,
      code: 0,
    });
    expect(saved).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(3_000_000);
  });

  it.each<[string, string, readonly string[]]>([
    ['an unknown version', 'RELEASE_NOT_FOUND', ['--version', '9.9.9']],
    ['an unknown channel', 'TRUST_TARGET_UNKNOWN', ['--channel', 'beta']],
    ['another platform', 'TRUST_TARGET_UNKNOWN', ['--platform', 'win32-x64']],
    ['another kind', 'RELEASE_NO_ARTIFACT', ['--kind', 'deb']],
    ['an unreachable repository', 'TRUST_OFFLINE', ['--metadata-url', 'http://127.0.0.1:9/']],
    ['a missing publisher signature', 'TRUST_PUBLISHER_UNSIGNED', ['--threshold', '2']],
    ['a wrong root', 'TRUST_ROOT_INVALID', ['--root', 'a.pub.json']],
  ])('names the reason and writes nothing: %s', async (_what, code, more) => {
    const result = await world.run(...args, '--out', 'four', ...more);
    expect({
      exit: result.code,
      code: codeOf(result),
      written: (await readdir(world.directory)).includes('four'),
    }).toEqual({ exit: 1, code, written: false });
  });
});

describe('electron-tuf download of any target', () => {
  let directory: string;
  let web: WebServer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fixture-'));
    web = await serveDirectory(fixture);
  });
  afterAll(async () => {
    await web.close();
    await rm(directory, { recursive: true, force: true });
  });
  const run = async (...args: readonly string[]): Promise<CliResult> =>
    startCli(directory, [
      'download',
      `--metadata-url=${web.url}/metadata`,
      `--targets-url=${web.url}/artifacts`,
      `--out=${directory}/out`,
      '--json',
      ...args,
    ]).done;

  it.each(['App-1.2.3-linux-x86_64.AppImage', 'App-1.2.3-mac-arm64.zip', 'App-1.2.3-win-x64.exe'])(
    'gets %s of a real RSTUF, whose root was rotated',
    async (name) => {
      const result = await run('--root', join(fixture, 'metadata/1.root.json'), '--target', `stable/${name}`);
      expect(jsonOf(result)).toMatchObject({ path: `stable/${name}`, rootVersion: 2, publisherSigned: false });
      expect(await readFile(join(directory, 'out', `stable%2F${name}`))).toEqual(
        await readFile(join(fixture, 'artifacts/stable', name)),
      );
    },
  );

  it('trusts on first use if asked to, and says so', async () => {
    const { code, stderr } = await run(
      '--trust-on-first-use',
      '--hash-prefix=no',
      '--target=stable/App-1.2.3-win-x64.exe',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('trust on first use') as string });
  });

  it('requests the name that --hash-prefix selects', async () => {
    const result = await run(
      `--root=${join(fixture, 'metadata/1.root.json')}`,
      '--hash-prefix=yes',
      '--target=stable/App-1.2.3-mac-arm64.zip',
      `--out=${directory}/other`,
    );
    expect(codeOf(result)).toBe('DOWNLOAD_NOT_FOUND');
  });

  it.each([
    ['no root', ['--target', 'x']],
    ['a target and a version', ['--root', 'x', '--target', 'x', '--version', '1.0.0']],
    ['a rate that is none', ['--target', 'x', '--limit-rate', 'fast']],
    ['nothing', ['--root', join(fixture, 'metadata/1.root.json')]],
  ])('explains the correct usage: %s', async (_what, args) => {
    expect((await run(...args)).code).toBe(2);
  });
});

describe('electron-tuf serve', () => {
  const serve = ['serve', '--directory', 'served', '--port', '0', '--json'];
  const statusOf = async (apiUrl: string, bearer: string): Promise<number> =>
    (await fetch(`${apiUrl}config/`, { headers: { authorization: `Bearer ${bearer}` } })).status;

  it('serves until Ctrl-C with the token from the environment, and says that its keys are for development', async () => {
    await using world = await createCliWorld();
    const run = world.start(...serve);
    const { apiUrl, ...rest } = JSON.parse(await run.firstLine) as { apiUrl: string; token?: string };
    const statuses = [await statusOf(apiUrl, token), await statusOf(apiUrl, 'another')];
    run.kill('SIGINT');
    expect({ statuses, shown: rest.token, result: await run.done }).toMatchObject({
      statuses: [200, 401],
      shown: undefined,
      result: { code: 0, stderr: expect.stringContaining('for development only') as string },
    });
  });

  it('generates a token and shows it once, if none was set', async () => {
    await using world = await createCliWorld();
    const run = startCli(world.directory, serve, { ELECTRON_TUF_TOKEN: undefined });
    const { apiUrl, token: made = '' } = JSON.parse(await run.firstLine) as { apiUrl: string; token?: string };
    const statuses = [await statusOf(apiUrl, made), await statusOf(apiUrl, token)];
    run.kill('SIGINT');
    const { stdout, stderr } = await run.done;
    expect({ statuses, length: made.length, times: `${stdout}${stderr}`.split(made).length - 1 }).toEqual({
      statuses: [200, 401],
      length: 43,
      times: 1,
    });
  });

  it('refuses a token that is not allowed in a header', async () => {
    await using world = await createCliWorld();
    expect((await startCli(world.directory, [...serve, '--token', '']).done).code).toBe(2);
  });
});

/** A server that sends the first bytes of any file and then nothing. */
async function stallAfter(
  bytes: number,
  length: number,
): Promise<{ url: string; [Symbol.asyncDispose]: () => Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': length, etag: '"1"' });
    response.write('x'.repeat(bytes));
  });
  return listen(server);
}
