import { describe, expect, it } from 'vitest';

import { bad } from '../../../../test/support/findings.ts';
import { type BuilderSettings, checkBuilder } from './builder.ts';
import { checkEnvironment } from './environment.ts';
import { checkPublisherKeys } from './publisher-keys.ts';
import { checkUpdateFiles } from './embedded-config.ts';

const now = Date.parse('2026-11-25T10:00:00Z');
const inDays = (days: number): string => new Date(now + days * 86_400_000).toISOString();

describe('checkEnvironment', () => {
  it.each<[string, string | undefined, readonly string[]]>([
    ['v24.21.0', '45.4.1', []],
    ['v24.21.0', undefined, []],
    ['v20.17.0', '39.0.0', ['fail Node: v20.17.0 is too old.', 'fail Electron: 39.0.0 is too old.']],
    ['v22.22.0', '46.0.0-beta.1', []],
  ])('Node %s, Electron %s', (node, electron, expected) => {
    expect(bad(checkEnvironment({ node, electron }))).toEqual(expected);
  });
});

describe('checkUpdateFiles', () => {
  const key = (keyid: string) => ({ keyid, keytype: 'ed25519' });
  const files = (days: number, threshold: number, count: number, address = 'https://u.example.org/') =>
    ({
      type: 'read',
      config: {
        schema: 1,
        app: 'org.example.notes',
        metadataUrl: address,
        targetsUrls: [address],
        channel: 'stable',
        publisher: 'none',
      },
      root: {
        version: 3,
        expires: inDays(days),
        sha256: 'ab',
        roles: [{ name: 'root', threshold, keys: ['a', 'b', 'c'].slice(0, count).map(key) }],
        sigstoreRoles: [] as readonly string[],
      },
      hasTrustedRoot: false,
    }) as const;
  const withIdentities = (hasTrustedRoot: boolean): Parameters<typeof checkUpdateFiles>[0] => {
    const usual = files(300, 2, 3);
    return { ...usual, root: { ...usual.root, sigstoreRoles: ['root'] }, hasTrustedRoot };
  };

  it.each<[string, Parameters<typeof checkUpdateFiles>[0], readonly string[]]>([
    ['all is well', files(300, 2, 3), []],
    ['the root expires soon', files(29, 2, 3), [`warn root.json: version 3, expires in 29 days (${inDays(29)})`]],
    [
      'an expired root',
      files(-3, 2, 3),
      [`fail root.json: It expired 3 days ago (${inDays(-3)}): no app can be packaged with it.`],
    ],
    [
      'one root key',
      files(300, 1, 1),
      ['warn Root keys: 1 of 1 must sign a new root: a lost or stolen key cannot be replaced.'],
    ],
    [
      'one of three keys is enough to sign',
      files(300, 1, 3),
      ['warn Root keys: 1 of 3 must sign a new root: one stolen key is enough to take the repository over.'],
    ],
    ['identities that count', withIdentities(true), []],
    [
      'identities that do not count',
      withIdentities(false),
      [
        'warn Sigstore: identities may sign root, but without trusted_root.json they do not count in apps: the other keys alone must reach each threshold.',
      ],
    ],
    ['no spare root key', files(300, 3, 3), ['warn Root keys: 3 of 3 must sign a new root: none of them may be lost.']],
    [
      'an address that only this machine can reach',
      files(300, 2, 3, 'http://localhost:80/'),
      ['warn Addresses: http://localhost/: only this machine can reach that.'],
    ],
    [
      'addresses that apps refuse',
      files(300, 2, 3, 'http://u.example.org/'),
      Array.from(
        { length: 2 },
        () =>
          'fail Addresses: http://u.example.org is not HTTPS. Use https:// (plain http:// is allowed on loopback only).',
      ),
    ],
    ['nothing there', { type: 'failed', message: 'No update.json.' }, ['fail Update files: No update.json.']],
  ])('%s', (_what, facts, expected) => {
    expect(bad(checkUpdateFiles(facts, now))).toEqual(expected);
  });
});

describe('checkPublisherKeys', () => {
  const set = (threshold: number, ids: readonly string[]) => ({
    revision: 1,
    threshold,
    keys: ids.map((keyid) => ({ keyid, keytype: 'ed25519', scheme: 'ed25519', keyval: { public: keyid } }) as const),
  });
  const file = (keyid: string) => ({ file: `${keyid}.pem`, keyid, encrypted: true, readableByOthers: false });

  it.each<[string, Parameters<typeof checkPublisherKeys>[0], readonly string[], readonly string[]]>([
    [
      'no keys',
      'none',
      [],
      ["warn Publisher keys: none: anyone with RSTUF's online key or access to its API can release to your users."],
    ],
    [
      'one key',
      set(1, ['a']),
      ['a'],
      [
        'warn Publisher keys: 1 of 1 must sign a release (set 1): when one is lost, installed apps get no more updates.',
      ],
    ],
    ['a spare key', set(1, ['a', 'b']), ['a'], []],
    [
      'fewer keys than the threshold',
      set(2, ['a', 'b', 'c']),
      ['a'],
      ['warn Publisher keys: 1 of the given files can sign, and 2 must.'],
    ],
    [
      'the same key twice',
      set(2, ['a', 'b', 'c']),
      ['a', 'a'],
      ['warn Publisher keys: 1 of the given files can sign, and 2 must.'],
    ],
  ])('%s', (_what, publisher, given, expected) => {
    expect(bad(checkPublisherKeys(publisher, given.map(file)))).toEqual(expected);
  });
});

describe('checkBuilder', () => {
  const none = { configured: false, targets: [], namesArtifacts: false };
  const settings = (more: Partial<BuilderSettings> = {}, platforms: Partial<BuilderSettings['platforms']> = {}) =>
    ({
      type: 'read',
      file: 'electron-builder.yml',
      settings: {
        afterPack: 'electron-tuf-updater/builder',
        hookFileNamesOurs: false,
        publish: true,
        platforms: { linux: none, mac: none, win: none, ...platforms },
        ...more,
      },
    }) as const;
  const built = (targets: readonly string[], more: object = {}) => ({
    configured: true,
    targets,
    namesArtifacts: true,
    ...more,
  });

  it.each<[string, Parameters<typeof checkBuilder>[0], readonly string[]]>([
    [
      'all is well',
      settings(
        {},
        {
          linux: built(['appimage', 'deb']),
          win: built(['nsis'], { compression: 'store' }),
          mac: built(['dmg', 'zip'], { compression: 'store' }),
        },
      ),
      [],
    ],
    ['a hook of their own', settings({ afterPack: './hook.js', hookFileNamesOurs: true }), []],
    [
      'another hook',
      settings({ afterPack: './hook.js' }),
      ['fail electron-builder: afterPack is ./hook.js, which does not mention electron-tuf-updater/builder.'],
    ],
    [
      'no hook',
      { ...settings(), settings: { ...settings().settings, afterPack: undefined } as never },
      ['fail electron-builder: electron-builder.yml has no afterPack hook, so the app would not find updates.'],
    ],
    [
      'no publish entry',
      settings({ publish: false }),
      [
        'warn electron-builder: Without a "publish" entry, electron-builder does not write latest*.yml, which "electron-tuf publish" reads.',
      ],
    ],
    [
      'no target that can update',
      settings({}, { mac: built(['dmg'], { compression: 'store' }) }),
      ['fail mac: dmg: none of them can update.'],
    ],
    [
      'a target that cannot update',
      settings({}, { linux: built(['appimage', 'snap']) }),
      ['warn linux: snap cannot update.'],
    ],
    [
      'compressed installers',
      settings({}, { win: built(['nsis']) }),
      ['warn win: compression is normal, so a small change makes a large update.'],
    ],
    [
      'names with spaces',
      settings({}, { win: built([], { compression: 'store', namesArtifacts: false }) }),
      ["warn win: electron-builder's default installer name has spaces, which cannot be published."],
    ],
    [
      'a fuse that packages need is off',
      settings({ runAsNode: false }, { linux: built(['deb']) }),
      ['fail linux: The fuse runAsNode is off, and deb packages verify updates with it.'],
    ],
    [
      'a configuration that is a program',
      { type: 'unread', file: 'electron-builder.config.js', namesHook: false },
      ['warn electron-builder: electron-builder.config.js does not name electron-tuf-updater/builder.'],
    ],
    ['a program with the hook', { type: 'unread', file: 'electron-builder.config.js', namesHook: true }, []],
    ['nothing', { type: 'missing' }, ['warn electron-builder: No configuration was found here.']],
    [
      'a broken configuration',
      { type: 'invalid', file: 'electron-builder.yml', message: 'No.' },
      ['fail electron-builder: electron-builder.yml cannot be read: No.'],
    ],
  ])('%s', (_what, facts, expected) => {
    expect(bad(checkBuilder(facts))).toEqual(expected);
  });
});
