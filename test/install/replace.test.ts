// @module-tag slow
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  installRelease,
  type Kind,
  layOut,
  nextStart,
  openInstallation,
  stageRelease,
  versionOf,
} from './faults/rig.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'replace-'));
});
afterEach(async () => rm(home, { recursive: true, force: true }));

async function install(kind: Kind, name = 'Notes'): Promise<string> {
  const old = await openInstallation({ home, kind, version: '1.0.0', name });
  return (await installRelease(old, kind))?.code ?? 'installed';
}

describe.each<Kind>(['appimage', 'portable'])('%s', (kind) => {
  it.each([
    ['spaces', 'My Notes App'],
    ['quotes', `it's "Notes" \`x\``],
    ['%VAR% and $VAR', '%HOME% $HOME $(id)'],
    ['a line break', 'Notes\nApp'],
    ['unicode', 'Nötizen 笔记 🗒'],
    ['a dash in front', '-rf'],
    ['250 bytes', 'n'.repeat(kind === 'appimage' ? 250 : 240)],
  ])('is replaced if its name contains %s', async (_what, name) => {
    await layOut(home, kind, name);
    expect({ result: await install(kind, name), next: await nextStart({ home, kind, name }) }).toEqual({
      result: 'installed',
      next: { version: '1.1.0', recovery: 'installed', left: [] },
    });
  });

  it('removes planted files in its way and follows no link', async () => {
    await layOut(home, kind);
    const victim = join(home, 'victim');
    await writeFile(victim, 'precious');
    await mkdir(join(home, 'apps/.Notes.new/deep'), { recursive: true });
    await symlink(victim, join(home, 'apps/.Notes.previous'));
    await mkdir(join(home, 'apps/Notes.versions/1.1.0'), { recursive: true });
    await symlink(victim, join(home, 'apps/Notes.versions/unpacking'));
    const result = [await install(kind), (await nextStart({ home, kind })).version, await readFile(victim, 'utf8')];
    expect(result).toEqual(['installed', '1.1.0', 'precious']);
  });

  it('installs nothing if the staged file was replaced', async () => {
    await layOut(home, kind);
    const old = await openInstallation({ home, kind, version: '1.0.0' });
    await stageRelease(old, kind);
    const staged = await old.staging.current();
    if (staged === undefined) throw new Error('Nothing is staged.');
    const bytes = await readFile(staged.path);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    await writeFile(staged.path, bytes);
    await expect(old.installer.install(staged, undefined)).rejects.toMatchObject({ code: 'STAGE_CHANGED' });
    expect(await nextStart({ home, kind })).toMatchObject({ version: '1.0.0', left: [] });
  });

  it('installs nothing over a newer version that runs now', async () => {
    await layOut(home, kind);
    const newer = await openInstallation({ home, kind, version: '2.0.0' });
    await stageRelease(newer, kind);
    const staged = await newer.staging.current();
    if (staged === undefined) throw new Error('Nothing is staged.');
    await expect(newer.installer.install(staged, undefined)).rejects.toMatchObject({ code: 'STAGE_OUTDATED' });
    expect({ staged: await newer.staging.current(), next: await nextStart({ home, kind }) }).toMatchObject({
      staged: undefined,
      next: { version: '1.0.0' },
    });
  });

  it('discards the journal of another machine', async () => {
    await layOut(home, kind);
    await install(kind);
    const journal = join(home, 'state/journal.json');
    const record = JSON.parse(await readFile(journal, 'utf8')) as Record<string, unknown>;
    await writeFile(journal, JSON.stringify({ ...record, machine: 'other' }));
    const other = await openInstallation({ home, kind, version: '1.1.0' });
    expect({ recovery: await other.installer.recover(), left: (await nextStart({ home, kind })).left }).toEqual({
      recovery: { type: 'nothing' },
      left: [],
    });
  });

  it('gives up a version that is installed repeatedly and never stays', async () => {
    await layOut(home, kind);
    const original = await readFile(join(home, 'apps/Notes'));
    const results: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      results.push(await install(kind));
      // This puts the old file back, as a broken backup tool does.
      await rm(join(home, 'apps/Notes'));
      await writeFile(join(home, 'apps/Notes'), original, { mode: 0o755 });
      await (await openInstallation({ home, kind, version: '1.0.0' })).installer.recover();
    }
    const { installer } = await openInstallation({ home, kind, version: '1.0.0' });
    expect({ results, quarantined: await installer.quarantined() }).toEqual({
      results: ['installed', 'installed', 'installed', 'INSTALL_UNHEALTHY'],
      quarantined: ['1.1.0'],
    });
  });
});

describe('an AppImage', () => {
  it.each([0o700, 0o755, 0o750])('keeps its mode %o', async (mode) => {
    await layOut(home, 'appimage');
    const live = join(home, 'apps/Notes');
    await chmod(live, mode);
    expect({ result: await install('appimage'), mode: (await lstat(live)).mode & 0o777 }).toEqual({
      result: 'installed',
      mode,
    });
  });
});

describe('a portable directory', () => {
  it.each([
    { folder: 0o755, program: 0o755, kept: 0o755 },
    { folder: 0o700, program: 0o755, kept: 0o700 },
    { folder: 0o750, program: 0o755, kept: 0o750 },
    { folder: 0o755, program: 0o700, kept: 0o700 },
    { folder: 0o755, program: 0o750, kept: 0o750 },
  ])('hides its versions from users who could not read it ($folder, $program)', async ({ folder, program, kept }) => {
    await layOut(home, 'portable');
    await chmod(join(home, 'apps/Notes'), program);
    await chmod(join(home, 'apps'), folder);
    const result = await install('portable');
    const { mode } = await lstat(join(home, 'apps/Notes.versions'));
    expect({ result, mode: mode & 0o777 }).toEqual({ result: 'installed', mode: kept });
  });

  it('is switched while a process runs, which keeps its files', async () => {
    const wait = 'here=$(dirname "$(readlink -f "$0")"); echo ready; read line; cat "$here/data"';
    await layOut(home, 'portable', 'Notes', (version) => `[ "$1" ] && { ${wait}; }\necho ${version}`);
    await writeFile(join(home, 'apps/data'), 'the old data\n');
    const running = spawn(join(home, 'apps/Notes'), ['wait'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const output = text(running.stdout);
    await once(running.stdout, 'readable');
    const result = await install('portable');
    const now = versionOf(join(home, 'apps/Notes'));
    running.stdin.end('\n');
    expect({ result, now, output: await output }).toEqual({
      result: 'installed',
      now: '1.1.0',
      output: 'ready\nthe old data\n1.0.0\n',
    });
  });

  it('keeps the links and modes of the archive', async () => {
    await layOut(home, 'portable');
    await install('portable');
    const version = join(home, 'apps/Notes.versions/1.1.0');
    const modes = await Promise.all(
      ['Notes', 'locales/1.pak'].map(async (name) => (await lstat(join(version, name))).mode & 0o7777),
    );
    expect({ modes, linkedFile: await readFile(join(version, 'default.pak'), 'utf8') }).toEqual({
      modes: [0o755, 0o644],
      linkedFile: 'pak 1'.repeat(500),
    });
  });
});
