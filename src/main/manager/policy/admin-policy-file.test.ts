import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type PathEntry, policyPath, readPolicyFile, untrusted } from './admin-policy-file.ts';

describe('policyPath', () => {
  it('is a path that only an administrator can write', () => {
    expect({
      linux: policyPath('linux', {}, 'org.example.notes'),
      darwin: policyPath('darwin', {}, 'org.example.notes'),
      win32: policyPath('win32', { ProgramFiles: 'D:\\Programs' }, 'org.example.notes'),
    }).toEqual({
      linux: '/etc/electron-tuf/policy/org.example.notes.json',
      darwin: '/Library/Application Support/electron-tuf/policy/org.example.notes.json',
      win32: 'D:\\Programs\\electron-tuf\\policy\\org.example.notes.json',
    });
  });
});

describe('untrusted', () => {
  const root: PathEntry = { path: '/', uid: 0, mode: 0o40755, type: 'directory' };
  const directory: PathEntry = { path: '/etc', uid: 0, mode: 0o40755, type: 'directory' };
  const file: PathEntry = { path: '/etc/p.json', uid: 0, mode: 0o100644, type: 'file' };

  it.each([
    ['belongs to root', [root, directory, file], undefined],
    ['lies in a sticky directory', [root, { ...directory, mode: 0o41777 }, file], undefined],
    ['belongs to a user', [root, directory, { ...file, uid: 1000 }], '/etc/p.json belongs to the user with id 1000'],
    [
      'its group can write',
      [root, directory, { ...file, mode: 0o100664 }],
      'Users other than the administrator can write /etc/p.json',
    ],
    [
      'all users can write',
      [root, directory, { ...file, mode: 0o100646 }],
      'Users other than the administrator can write /etc/p.json',
    ],
    [
      'is sticky itself',
      [root, directory, { ...file, mode: 0o101666 }],
      'Users other than the administrator can write /etc/p.json',
    ],
    ['lies in a directory of a user', [root, { ...directory, uid: 1000 }, file], '/etc belongs to the user'],
    [
      'lies in a writable directory',
      [root, { ...directory, mode: 0o40777 }, file],
      'Users other than the administrator can write /etc',
    ],
    ['is a link', [root, directory, { ...file, type: 'other' as const }], '/etc/p.json is not a regular file'],
  ])('a file that %s', (_, chain, reason) => {
    const said = untrusted(chain, 0);
    expect(reason === undefined ? said : said?.startsWith(reason)).toBe(reason === undefined ? undefined : true);
  });
});

describe('readPolicyFile', () => {
  let directory: string;
  let path: string;
  const trustedUid = process.getuid?.() ?? 0;
  const read = async () => readPolicyFile(path, { trustedUid });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'policy-'));
    path = join(directory, 'policy', 'org.example.notes.json');
    await mkdir(join(directory, 'policy'), { mode: 0o755 });
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  it('reads a file with a byte order mark', async () => {
    await writeFile(path, `\uFEFF${JSON.stringify({ schema: 1, channel: 'lts' })}`);
    expect(await read()).toMatchObject({ type: 'policy', policy: { channel: 'lts' } });
  });

  it('refuses an address with a query, which the client would drop', async () => {
    await writeFile(path, JSON.stringify({ schema: 1, mirrors: ['https://mirror.example.org/files?key=1'] }));
    expect(await read()).toMatchObject({ type: 'invalid', reason: expect.stringContaining('query') as string });
  });

  it('reads no file, a policy, a file that others can write, and a link', async () => {
    const none = await read();
    await writeFile(path, JSON.stringify({ schema: 1, versions: '~1.4', channel: 'lts', hours: ['20:00-06:00'] }));
    const policy = await read();
    await chmod(path, 0o666);
    const writable = await read();
    await rm(path);
    await writeFile(join(directory, 'elsewhere.json'), '{}');
    await symlink(join(directory, 'elsewhere.json'), path);
    expect({ none, policy, writable, link: await read() }).toEqual({
      none: { type: 'none' },
      policy: {
        type: 'policy',
        policy: { disabled: false, versions: '~1.4', channel: 'lts', hours: [{ from: 1200, to: 360 }] },
      },
      writable: { type: 'ignored', reason: `Users other than the administrator can write ${path}.` },
      link: { type: 'ignored', reason: `${path} is not a regular file.` },
    });
  });

  it.each([
    ['{', 'It is not JSON'],
    ['{"schema":2}', 'It is not valid at schema'],
    ['{"schema":1,"chanel":"beta"}', 'It is not valid at chanel'],
    ['{"schema":1,"versions":"newest"}', 'not a version or semver range'],
    ['{"schema":1,"mirrors":["ftp://example.org/"]}', 'not a web address'],
    ['{"schema":1,"hours":["8-5"]}', 'is not written like'],
    ['{"schema":1,"channel":"../x"}', 'The policy file'],
    [' '.repeat(70_000), 'larger than'],
  ])('turns updates off for an invalid policy: %.40s', async (text, reason) => {
    await writeFile(path, text);
    expect(await read()).toMatchObject({ type: 'invalid', reason: expect.stringContaining(reason) as string });
  });
});
