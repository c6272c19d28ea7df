import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { createDemoWorld } from '../../scripts/demo/world.ts';
import { createDemoPackager } from '../../scripts/package-demo.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuses-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

/** In Electron's order: https://github.com/electron/fuses */
const names = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
];

it('packages the demo app with the fuses off that it does not need, in Electron or in what stands for it', async () => {
  const world = await createDemoWorld(directory);
  const packager = await createDemoPackager(directory);
  const out = join(directory, 'release');
  await packager.package({ version: '1.0.0', out, update: world.update });
  await world.close();
  const program = await readFile(join(out, `linux-${process.arch === 'x64' ? '' : `${process.arch}-`}unpacked/notes`));
  const mark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
  const wire = program.subarray(program.indexOf(mark) + mark.length + 2).toString('latin1', 0, names.length);
  expect(Object.fromEntries(names.map((name, at) => [name, wire[at]]))).toMatchObject({
    runAsNode: '0',
    enableNodeOptionsEnvironmentVariable: '0',
    enableNodeCliInspectArguments: '0',
    enableEmbeddedAsarIntegrityValidation: '1',
    onlyLoadAppFromAsar: '1',
    grantFileProtocolExtraPrivileges: '0',
  });
}, 180_000);
