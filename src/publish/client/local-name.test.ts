import { describe, expect, it } from 'vitest';

import { localReleaseName, localTargetName } from './local-name.ts';

describe('localTargetName', () => {
  it.each([
    ['setup.bin', 'setup.bin'],
    ['linux/setup.bin', 'linux%2Fsetup.bin'],
    ['日本.bin', '%E6%97%A5%E6%9C%AC.bin'],
    ['../../etc/passwd', '%2E.%2F..%2Fetc%2Fpasswd'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['a b:c*d\\e', 'a%20b%3Ac%2Ad%5Ce'],
    ['CON.txt', '%43ON.txt'],
    ['console.txt', 'console.txt'],
    ['a.', 'a%2E'],
  ])('names %j %s', (path, name) => {
    expect(localTargetName(path)).toBe(name);
  });

  it('gives different targets different names', () => {
    const long = 'x/'.repeat(300);
    const paths = ['日本.bin', '中国.bin', 'linux/setup.bin', 'windows/setup.bin', 'linux%2Fsetup.bin', 'setup.bin'];
    const names = [...paths, `${long}a`, `a${long}a`, `b${long}a`].map(localTargetName);
    expect({ different: new Set(names).size, longest: Math.max(...names.map((name) => name.length)) }).toEqual({
      different: names.length,
      longest: 240,
    });
  });
});

it('names the file of a release as the publisher did', () => {
  expect(localReleaseName('org.example.notes/releases/1.1.0/Notes-1.1.0+2.AppImage')).toBe('Notes-1.1.0+2.AppImage');
});
