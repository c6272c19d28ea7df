import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { systemClock } from '../../src/main/node/clock.ts';
import { silentLogger } from '../../src/main/node/logger.ts';
import { HttpTufClient } from '../../src/main/trust/tuf/client.ts';
import { maxRoleBytes } from '../../src/main/trust/tuf/metadata/limits.ts';
import { openTrustStore } from '../../src/main/trust/tuf/store/trust-store.ts';
import { type Delegation, delegationsJson } from '../../src/repository/tuf/delegation.ts';
import { dayMs } from '../../src/shared/durations.ts';
import { specVersion, tufTime } from '../../src/repository/tuf/json.ts';
import { generateSigningKey } from '../../src/repository/tuf/keys.ts';
import { rootRole } from '../../src/repository/tuf/root.ts';
import { sealRole } from '../../src/repository/tuf/sign.ts';
import { serveFiles } from '../support/serve-files.ts';
import { coded } from '../support/world.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'many-roles-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

it('a holder of the online key cannot fill the disk or the memory with roles', async () => {
  const [rootKey, online] = [generateSigningKey({ name: 'root' }), generateSigningKey({ name: 'online' })];
  const names = Array.from({ length: 20 }, (_, at) => `r${at}`);
  const files = hugeRoles(names, rootKey, online);
  const server = await serveFiles(files);
  const http = createNodeHttpClient();
  const tuf = new HttpTufClient({
    anchor: { type: 'root', bytes: files.get('anchor') ?? new Uint8Array() },
    metadataUrl: server.url,
    targetsUrls: [],
    directory,
    http,
    clock: systemClock,
    logger: silentLogger,
    patience: { quick: [], long: [] },
  });
  const answers = [await coded(() => tuf.target('a/b')), await coded(() => tuf.target('a/c'))];
  await Promise.all([http.close(), server.close()]);
  const [lineage = ''] = await readdir(directory);
  const kept = (await readdir(join(directory, lineage))).filter((name) => names.includes(name.split('.')[1] ?? ''));
  const sizes = await Promise.all(kept.map(async (name) => (await stat(join(directory, lineage, name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect({ answers, isBounded: total <= maxRoleBytes, isUsed: total > maxRoleBytes / 2 }).toEqual({
    answers: ['TRUST_TOO_LARGE', 'TRUST_TOO_LARGE'],
    isBounded: true,
    isUsed: true,
  });
});

it('a store keeps the latest files, and nothing that a killed write left', async () => {
  const home = join(directory, 'root-1');
  const store = openTrustStore(() => Promise.resolve(home), silentLogger);
  await mkdir(home, { recursive: true });
  for (const [age, name] of ['role.c.json', 'role.b.json', 'role.a.json', 'role.targets.json'].entries()) {
    await writeFile(join(home, name), 'x'.repeat(100));
    await utimes(join(home, name), 1_000 - age, 1_000 - age);
  }
  await writeFile(join(home, '.role.d.json.012345.tmp'), 'half');
  await store.evict((name) => name.startsWith('role.') && name !== 'role.targets.json', 250);
  expect((await readdir(home)).toSorted()).toEqual(['role.b.json', 'role.c.json', 'role.targets.json']);
});

type Key = ReturnType<typeof generateSigningKey>;

/** A repository whose roles have almost eight megabytes each. Each of them may list any file. */
function hugeRoles(names: readonly string[], rootKey: Key, online: Key): Map<string, Uint8Array> {
  const expires = tufTime(Date.now() + 30 * dayMs);
  const role = { keys: [online], threshold: 1 };
  const root = { keys: [rootKey], threshold: 1 };
  const bins: Delegation = { type: 'hash-bins', bins: { bitLength: 1, namePrefix: 'b', keys: [online], threshold: 1 } };
  const { keys } = delegationsJson(bins);
  const roles = names.map((name) => ({
    name,
    keyids: Object.keys(keys ?? {}),
    threshold: 1,
    terminating: false,
    paths: ['*/*'],
  }));
  const common = { spec_version: specVersion, version: 1, expires };
  const huge = { ...common, _type: 'targets', targets: {}, pad: 'x'.repeat(7_900_000) };
  const meta = Object.fromEntries(['targets', ...names].map((name) => [`${name}.json`, { version: 1 }]));
  const bytes = sealRole(huge, [online]);
  const seal = (content: object): Uint8Array => sealRole({ ...common, ...content }, [online]);
  return new Map([
    [
      'anchor',
      sealRole(rootRole({ version: 1, expires, root, timestamp: role, snapshot: role, targets: role }), [rootKey]),
    ],
    ['timestamp.json', seal({ _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } })],
    ['1.snapshot.json', seal({ _type: 'snapshot', meta })],
    ['1.targets.json', seal({ _type: 'targets', targets: {}, delegations: { keys, roles } })],
    ...names.map((name): [string, Uint8Array] => [`1.${name}.json`, bytes]),
  ]);
}
