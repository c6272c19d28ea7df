// @module-tag slow
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { installDemo } from '../../scripts/demo/installed-app.ts';
import { createDemoWorld } from '../../scripts/demo/world.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { readFuses } from '../../scripts/electron/fuses.ts';
import { createDemoPackager } from '../../scripts/package-demo.ts';
import { windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuses-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

it(
  'packages the demo app with the fuses off that it does not need, and it runs so',
  { ...requires(windows), timeout: 180_000 },
  async () => {
    const world = await createDemoWorld(directory);
    const packager = await createDemoPackager(directory);
    const out = join(directory, 'release');
    const release = await packager.package({ version: '1.0.0', out, update: world.update });
    await world.close();
    const program = await readFile(
      join(out, `linux-${process.arch === 'x64' ? '' : `${process.arch}-`}unpacked/notes`),
    );
    expect(readFuses(program)).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
    const app = await installDemo(release, join(directory, 'home'));
    await openDisplay();
    const { code, stdout } = await app.run(['--version']);
    // Were it Node, it would run this instead of Notes.
    const asNode = await app.run(['-p', '6 * 7', '--version'], { ELECTRON_RUN_AS_NODE: '1' });
    expect({ code, stdout, asNode: asNode.stdout }).toEqual({
      code: 0,
      stdout: 'Notes 1.0.0\n',
      asNode: 'Notes 1.0.0\n',
    });
  },
);
