import { execFileSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { explain } from '../../src/shared/explanation.ts';
import { mounting, requires, root } from '../support/requires.ts';
import { type Kind, layOut, openInstallation } from './faults/rig.ts';

/** Real places where an app cannot be replaced. `user-location.test.ts` checks the messages. */
describe.each<Kind>(['appimage', 'portable'])('%s', (kind) => {
  let home: string;
  let app: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'place-'));
    app = join(home, 'apps/Notes');
  });
  afterEach(async () => rm(home, { recursive: true, force: true }));

  async function verdict(): Promise<string> {
    const answer = await (await openInstallation({ home, kind, version: '1.0.0' })).installer.canInstall();
    return answer.ok ? 'ok' : `${answer.state}: ${explain(answer.explanation).what}`;
  }

  it('can be replaced in a folder of its user', async () => {
    await layOut(home, kind);
    expect(await verdict()).toBe('ok');
  });

  it('that was moved asks for a restart', async () => {
    await layOut(home, kind);
    await rename(app, `${app} 2`);
    expect(await verdict()).toContain('needs-attention: ');
  });

  it.runIf(kind === 'appimage')('that is a link is refused', async () => {
    await layOut(home, kind);
    await rename(app, `${app} 2`);
    await symlink(`${app} 2`, app);
    expect(await verdict()).toBe(`needs-attention: ${app} is not a regular file.`);
  });

  it('of another user is refused', requires(root), async () => {
    await layOut(home, kind);
    await chown(app, 65534, 65534);
    expect(await verdict()).toContain('belongs to another user.');
  });

  it('on a read-only disk is refused', requires(mounting), async () => {
    await mkdir(join(home, 'apps'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', join(home, 'apps')]);
    try {
      await layOut(home, kind);
      execFileSync('mount', ['-o', 'remount,ro', join(home, 'apps')]);
      expect(await verdict()).toContain('lies on a read-only disk.');
    } finally {
      execFileSync('umount', ['--lazy', join(home, 'apps')]);
    }
  });
});
