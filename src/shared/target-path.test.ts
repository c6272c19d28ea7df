import { describe, expect, it } from 'vitest';

import { parsePlatformTarget } from './platform-target.ts';
import {
  artifactPath,
  assertAppId,
  assertChannel,
  assertFileName,
  assertTargetPath,
  consistentName,
  releaseIndexPath,
} from './target-path.ts';

describe('assertTargetPath', () => {
  it.each(['a', 'a/b', 'org.example.notes/releases/1.0.0/Notes-1.0.0_x64.AppImage', 'a'.repeat(255)])(
    'takes %s',
    (path) => {
      expect(assertTargetPath(path)).toBe(path);
    },
  );

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    'a/..b',
    'a/b..c',
    '.hidden',
    '-x',
    'a\\b',
    'a b',
    'a\nb',
    'a%2e',
    'a?b',
    'a#b',
    'é',
    '__proto__',
    'a:b',
    'a'.repeat(256),
  ])('refuses %j', (path) => {
    expect(() => assertTargetPath(path)).toThrow(expect.objectContaining({ code: 'TRUST_TARGET_PATH' }));
  });
});

describe('names', () => {
  it('refuses a path instead of a file name', () => {
    expect(() => assertFileName('a/b')).toThrow(expect.objectContaining({ code: 'TRUST_TARGET_PATH' }));
  });

  it.each(['example', 'org..x', 'org.example/x', '.org.x', 'org.x.'])('refuses the app id %j', (app) => {
    expect(() => assertAppId(app)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  it.each(['', 'Stable', 'a_b', '-a', 'a'.repeat(33), 'a/b'])('refuses the channel %j', (channel) => {
    expect(() => assertChannel(channel)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  it.each(['linux', 'linux-', 'amiga-x64', 'linux-x64-gnu', 'constructor-x64'])(
    'refuses the platform target %j',
    (text) => {
      expect(() => parsePlatformTarget(text)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
    },
  );
});

describe('the layout', () => {
  it('has the paths of indexes and artifacts', () => {
    expect([
      releaseIndexPath('org.example.notes', 'beta', parsePlatformTarget('win32-arm64')),
      artifactPath('org.example.notes', '1.4.0', 'Notes-1.4.0.exe'),
      consistentName('a/b/file.bin', 'ff00'),
      consistentName('file.bin', 'ff00'),
    ]).toEqual([
      'org.example.notes/channels/beta/win32-arm64.json',
      'org.example.notes/releases/1.4.0/Notes-1.4.0.exe',
      'a/b/ff00.file.bin',
      'ff00.file.bin',
    ]);
  });
});
