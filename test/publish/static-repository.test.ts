// @module-tag slow
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { serveDirectory, type WebServer } from '../support/web-server.ts';
import { app, type CliResult, jsonOf, startCli, writeBuild } from './cli-world.ts';

/** A whole life without RSTUF: keys, a directory, a plain web server. */
describe('a repository in a directory', { timeout: 90_000 }, () => {
  let directory: string;
  let web: WebServer;

  const run = async (...args: readonly string[]): Promise<CliResult> => startCli(directory, args).done;
  const done = async (...args: readonly string[]): Promise<unknown> => {
    const result = await run(...args, '--json');
    expect([result.code, result.stderr.includes('error')], result.stderr).toEqual([0, false]);
    return jsonOf(result);
  };
  const codeOf = ({ stderr }: CliResult): string | undefined => /error (\w+):/.exec(stderr)?.[1];
  const create = [
    'create',
    '--repository=r',
    '--root-key=root-1.pem',
    '--root-key=root-2.pem',
    '--online-key=online.pem',
  ];
  const publish = ['--key=publisher.pem', '--repository=r', '--online-key=online.pem'];
  const download = (out: string) => done('download', '--update=update', '--platform=linux-x64', `--out=${out}`);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'static-'));
    web = await serveDirectory(join(directory, 'r'));
    await Promise.all(
      ['root-1', 'root-2', 'online', 'publisher', 'other'].map(async (name) => done('keygen', `--out=${name}.pem`)),
    );
    await done(...create);
    await done(
      'init',
      '--root=r/metadata/1.root.json',
      `--app=${app}`,
      `--metadata-url=${web.url}/metadata/`,
      `--targets-url=${web.url}/content/`,
      '--publisher-key=publisher.pub.json',
      '--yes',
    );
  });
  afterAll(async () => {
    await web.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is published to, renewed and given another online key, and clients of a plain web server follow', async () => {
    await done('publish', await writeBuild(join(directory, 'one'), '1.0.0'), ...publish);
    expect(await download('got-1')).toMatchObject({ version: '1.0.0', publisherSigned: true, rootVersion: 1 });

    await done('renew', '--repository=r', '--online-key=online.pem');
    await done('renew', '--repository=r', '--online-key=other.pem', '--root-key=root-1.pem', '--root-key=root-2.pem');
    await done(
      'publish',
      await writeBuild(join(directory, 'two'), '1.1.0'),
      ...publish.slice(0, 2),
      '--online-key=other.pem',
    );
    expect(await download('got-2')).toMatchObject({ version: '1.1.0', publisherSigned: true, rootVersion: 2 });
    expect(await readFile(join(directory, 'got-2', 'Notes-1.1.0-linux-x86_64.AppImage'), 'utf8')).toBe(
      'the bytes of 1.1.0',
    );
  });

  it('contains no private key', async () => {
    const files = await readdir(join(directory, 'r'), { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map(async (file) => readFile(join(file.parentPath, file.name), 'latin1')),
    );
    expect([files.some(({ name }) => name.endsWith('.pem')), texts.join('').includes('PRIVATE')]).toEqual([
      false,
      false,
    ]);
  });

  it.each<[string, string, readonly string[]]>([
    ['a second repository', 'REPOSITORY_STATE', create],
    ['another online key', 'REPOSITORY_STATE', ['renew', '--repository=r', '--online-key=publisher.pem']],
    [
      'half of the root keys',
      'REPOSITORY_STATE',
      ['renew', '--repository=r', '--online-key=online.pem', '--root-key=root-1.pem'],
    ],
    ['a directory without a repository', 'REPOSITORY_STATE', ['renew', '--repository=x', '--online-key=online.pem']],
    [
      "to publish with somebody else's online key",
      'REPOSITORY_STATE',
      ['publish', 'one', '--key=publisher.pem', '--repository=r', '--online-key=publisher.pem'],
    ],
    ['no online key', 'OPTIONS_INVALID', ['publish', 'one', '--repository=r', '--key=publisher.pem']],
    [
      'a threshold out of reach',
      'OPTIONS_INVALID',
      [...create.filter((arg) => arg !== '--repository=r'), '--repository=y', '--threshold=3'],
    ],
  ])('refuses %s', async (_what, code, args) => {
    const before = await readFile(join(directory, 'r/metadata/timestamp.json'), 'utf8');
    expect(codeOf(await run(...args))).toBe(code);
    expect(await readFile(join(directory, 'r/metadata/timestamp.json'), 'utf8')).toBe(before);
  });
});
