// @module-tag slow
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Finding } from '../../src/publish/doctor/checks/finding.ts';
import { bad } from '../support/findings.ts';
import { listen } from '../support/listen.ts';
import { type CliWorld, createCliWorld, jsonOf } from './cli-world.ts';

interface Report {
  readonly ok: number;
  readonly warn: number;
  readonly fail: number;
  readonly findings: readonly Finding[];
}

async function examine(
  world: CliWorld,
  ...more: readonly string[]
): Promise<Report & { readonly code: number | null }> {
  const result = await world.run('doctor', '--json', ...more);
  return { code: result.code, ...(jsonOf(result) as Report) };
}

describe('electron-tuf doctor', () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.0.0', 'small things compress '.repeat(20_000))));
    await writeFile(
      world.path('electron-builder.yml'),
      'afterPack: electron-tuf-updater/builder\npublish: { provider: generic, url: https://example.org }\nlinux:\n  target: [AppImage]\n',
    );
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it('warns in a healthy project only about loopback addresses and the two root keys of the test', async () => {
    const report = await examine(world, '--key=a.pem', '--key=b.pem', `--api=${world.repository.apiUrl}`);
    expect({ code: report.code, bad: bad(report.findings), seen: report.findings.map(({ about }) => about) }).toEqual({
      code: 0,
      bad: [
        'warn Root keys: 2 of 2 must sign a new root: none of them may be lost.',
        `warn Addresses: ${world.config.metadataUrl}, ${world.config.targetsUrls[0]}: only this machine can reach that.`,
      ],
      seen: [
        'Node',
        'electron-builder',
        'linux',
        'Update files',
        'root.json',
        'Root keys',
        'Addresses',
        'Publisher keys',
        'Publisher keys',
        'Repository',
        'root',
        'timestamp',
        'snapshot',
        'targets',
        'delegated',
        'Clock',
        'RSTUF',
        'RSTUF expiry',
        'linux-x64',
        new URL(world.repository.url).host,
        'timestamp.json',
      ],
    });
  });

  it('prints a line and advice for each finding, and with --strict fails on warnings', async () => {
    const { code, stdout } = await world.run('doctor', '--strict');
    expect([code, stdout.replaceAll(/\d+ hours/g, 'N hours')]).toEqual([
      1,
      expect.stringMatching(
        /warn {2}Root keys +2 of 2 must sign.*\n +→ Have the repository add a spare root key\.[^]*\d+ good, 2 warnings, 0 problems\nRSTUF itself was not checked/,
      ),
    ]);
  });

  it('says what an empty directory lacks, without a network', async () => {
    await mkdir(world.path('empty'), { recursive: true });
    const report = await examine(world, '--project=empty');
    expect([report.code, bad(report.findings)]).toEqual([
      1,
      [
        'warn electron-builder: No configuration was found here.',
        expect.stringMatching(/^fail Update files: .* has no usable root\.json and update\.json/),
      ],
    ]);
  });

  it('names a publisher key that cannot be used, and files that others can read', async () => {
    const other = await world.run('keygen', '--out=stranger.pem', '--json');
    await writeFile(world.path('plain.pem'), '-----BEGIN PRIVATE KEY-----\n', { mode: 0o600 });
    await chmod(world.path('stranger.pem'), 0o644);
    const report = await examine(world, '--key=stranger.pem', '--key=plain.pem', '--key=nowhere.pem');
    expect([other.code, report.code, bad(report.findings).slice(2)]).toEqual([
      0,
      1,
      [
        'fail stranger.pem: It is not among the keys of update.json.',
        'warn stranger.pem: Other users of this machine can read it.',
        'warn plain.pem: Whose it is cannot be seen: its .pub.json is not beside it.',
        'fail plain.pem: It is not encrypted, and is refused.',
        expect.stringMatching(/^fail nowhere\.pem: It cannot be read: ENOENT/),
        'warn Publisher keys: 0 of the given files can sign, and 1 must.',
      ],
    ]);
  });

  it('requests files like a client, and reports a server without ranges and caching', async () => {
    await using server = await badServer(world);
    const update = world.path('bad/update');
    await mkdir(update, { recursive: true });
    await writeFile(`${update}/root.json`, await readFile(world.path('update/root.json')));
    const config = { ...world.config, metadataUrl: world.config.metadataUrl, targetsUrls: [server.url] };
    await writeFile(`${update}/update.json`, JSON.stringify(config));
    const report = await examine(world, '--update=bad/update');
    expect(
      bad(report.findings).filter((line) => line.includes(new URL(server.url).host) && !line.includes('Addresses')),
    ).toEqual([
      `warn ${new URL(server.url).host}: It does not serve ranges: downloads cannot resume, and small updates are not possible.`,
      `warn ${new URL(server.url).host}: "cache-control: no-store" keeps caches from helping with files that never change.`,
    ]);
  });

  it('reports whether the API requires credentials', async () => {
    await using open = await createCliWorld({ settings: { token: false } });
    const told = async ({ repository }: CliWorld): Promise<string | undefined> =>
      (await examine(world, `--api=${repository.apiUrl}`)).findings.find(({ about }) => about === 'RSTUF')?.text;
    expect([await told(open), await told(world)]).toEqual([
      'the API answers only this machine',
      'the API requires credentials',
    ]);
  });

  it('reports an API that cannot be reached', async () => {
    const away = await examine(world, '--api=http://127.0.0.1:9');
    expect(bad(away.findings).filter((line) => line.includes('RSTUF'))).toEqual([
      expect.stringMatching(/^fail RSTUF: PUBLISH_UNREACHABLE: /),
    ]);
  });
});

/** The content of the world, by a server that knows neither ranges nor caches. */
async function badServer(world: CliWorld): Promise<{ readonly url: string } & AsyncDisposable> {
  const answer = async ({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const served = await fetch(new URL(url.slice(1), world.repository.targetsUrl));
    response.writeHead(served.status, { 'cache-control': 'no-store' });
    response.end(Buffer.from(await served.arrayBuffer()));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  return listen(server);
}
