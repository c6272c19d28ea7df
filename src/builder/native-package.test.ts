import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { launcherText, policyText } from './native-package.ts';

const app = {
  name: 'It\'s "Notes" & <more>\nrm -rf /',
  appId: 'org.example.notes',
  version: '1.0.0',
  executable: 'notes',
};

it('starts the installed helper in a clean environment, even through a link to the launcher', async () => {
  const directory = await mkdtemp(join(tmpdir(), "launcher it's $HOME-"));
  try {
    const text = launcherText({ ...app, installDirectory: directory });
    const [launcher, link] = [join(directory, 'launcher'), join(directory, 'link')];
    await writeFile(launcher, text, { mode: 0o755 });
    await writeFile(join(directory, 'notes'), '#!/bin/sh\nprintf "%s\\n" "$@"\nenv\n', { mode: 0o755 });
    await symlink(launcher, link);
    const env = {
      PATH: '/planted',
      NODE_OPTIONS: '--require=/planted.js',
      LD_LIBRARY_PATH: '/planted',
      ENV: '/planted',
      PKEXEC_UID: '1000',
    };
    const output = execFileSync(link, ['/a b/\u{1F642}', '--eval'], { env, encoding: 'utf8' }).trim().split('\n');
    expect(output.filter((line) => !/^(_|PWD|SHLVL|OLDPWD)=/.test(line)).toSorted()).toEqual(
      [
        join(directory, 'resources/update/root-helper.mjs'),
        '/a b/\u{1F642}',
        '--eval',
        'ELECTRON_RUN_AS_NODE=1',
        'HOME=/root',
        'LANG=C.UTF-8',
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
        'PKEXEC_UID=1000',
        'SUDO_UID=',
      ].toSorted(),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

it('names its own launcher in the polkit action and escapes XML', () => {
  const text = policyText({ ...app, installDirectory: '/opt/Notes & <more>' });
  const path = '/opt/Notes &amp; &lt;more&gt;/resources/update/install-update';
  expect([...text.matchAll(/<annotate[^>]*>([^<]*)</g)].map((found) => found[1])).toEqual([path]);
  expect(text).toContain("<message>Authentication is required to update It's &quot;Notes&quot; &amp; &lt;more&gt;");
});
