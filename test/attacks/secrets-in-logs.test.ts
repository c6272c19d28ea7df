// @module-tag slow
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

import { createClient } from '../../src/main/client.ts';
import { readPolicyFile } from '../../src/main/manager/policy/admin-policy-file.ts';
import { readUpdateConfig } from '../../src/main/options.ts';
import { checkUpdateFiles } from '../../src/publish/doctor/checks/embedded-config.ts';
import { rootFromApi } from '../../src/publish/init/fetch-root.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { keySetOf } from '../support/publisher.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { inWorld, query, type World } from '../support/world.ts';

/** The attacker reads logs and support reports. The servers of the app ask for a user name and a password. */
const secret = 'hunter2';

function withSecret(url: string): string {
  return url.replace('http://', `http://me:${secret}@`);
}

/** The message of the error that the work ends with. */
async function said(work: () => unknown): Promise<string> {
  try {
    await work();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

async function openClient(world: World) {
  const logger = createRecordingLogger();
  const home = await mkdtemp(join(tmpdir(), 'secrets-'));
  const client = createClient({
    config: {
      metadataUrl: withSecret(`${world.web.url}/metadata/`),
      targetsUrls: [withSecret(`${world.web.url}/content/`), withSecret(`${world.web.url}/elsewhere/`)],
      publisher: keySetOf(world.keys),
    },
    anchor: { type: 'trust-on-first-use' },
    directory: home,
    logger,
    patience: { quick: [], long: [] },
  });
  onTestFinished(async () => {
    await client.close();
    await rm(home, { recursive: true, force: true });
  });
  return { client, logger, home };
}

it('no password of an address is in a log or an error of the client', async () => {
  await inWorld(async (world) => {
    await world.release('1.1.0');
    const { client, logger, home } = await openClient(world);
    await client.trust.refresh();
    const index = await client.trust.releaseIndex(query);
    const [release] = index.releases;
    const [entry] = release?.artifacts ?? [];
    if (release === undefined || entry === undefined) throw new Error('nothing was published');
    const { target } = await client.trust.artifact(query, release, entry);
    const messages: string[] = [];
    const download = async (): Promise<unknown> => client.download.start({ target, to: join(home, 'update.bin') }).done;
    // Each mirror promises the file and breaks off, then has nothing; in the end nothing is there at all.
    world.web.answer = async (_, response) => {
      response.writeHead(200, { 'content-length': target.length }).write('the');
      response.destroy();
      return Promise.resolve(true);
    };
    messages.push(await said(download));
    world.web.answer = async (_, response) => Promise.resolve(Boolean(response.writeHead(404).end()));
    messages.push(await said(download), await said(async () => client.trust.refresh()));
    const all = [...logger.lines, ...messages].join('\n');
    expect({
      firstUse: all.includes('trust on first use'),
      mirrors: all.includes('Mirror http'),
      said: messages.every((message) => message !== ''),
      secret: all.includes(secret),
    }).toEqual({ firstUse: true, mirrors: true, said: true, secret: false });
  });
});

it('no password of an address is in a message of the command line', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'secrets-'));
  const http = createNodeHttpClient();
  onTestFinished(async () => {
    await http.close();
    await rm(directory, { recursive: true, force: true });
  });
  const address = `http://me:${secret}@127.0.0.1:9/`;
  const root = { version: 1, expires: '2100-01-01T00:00:00Z', roles: [], sigstoreRoles: [] } as never;
  const config = { app: 'org.example.notes', channel: 'stable', metadataUrl: address, targetsUrls: [address] } as never;
  const findings = JSON.stringify(checkUpdateFiles({ type: 'read', config, root, hasTrustedRoot: false }, 0));
  await mkdir(join(directory, 'update'));
  await writeFile(join(directory, 'update', 'update.json'), `{"a":"//${secret}"; }`);
  await writeFile(join(directory, 'policy.json'), `{"a":"//${secret}"; }`);
  const policy = await readPolicyFile(join(directory, 'policy.json'), { trustedUid: process.getuid?.() ?? 0 });
  const messages = [
    await said(async () => rootFromApi({ url: `ftp://me:${secret}@127.0.0.1/` }, address, http)),
    await said(() => readUpdateConfig(join(directory, 'update'))),
    JSON.stringify(policy),
  ];
  expect({
    said: [findings, ...messages].every((message) => message.length > 20),
    leaks: [findings, ...messages].filter((message) => message.includes(secret)),
  }).toEqual({ said: true, leaks: [] });
});
