import { expect, it } from 'vitest';

import { artifactKindFacts, artifactKinds, builderTargets, kindOfFile, kindOfPackageType } from './artifact-kinds.ts';
import { platforms } from './platform-target.ts';

it('identifies each kind by its file names on each platform, without ambiguity', () => {
  const wrong = artifactKinds.flatMap((kind) =>
    platforms.flatMap((platform) =>
      (artifactKindFacts[kind].platforms[platform]?.files ?? []).filter(
        (extension) => kindOfFile(`Notes-1.0.0${extension.toUpperCase()}`, platform) !== kind,
      ),
    ),
  );
  expect(wrong).toEqual([]);
});

it('lists the electron-builder targets that can update', () => {
  expect(Object.fromEntries(platforms.map((platform) => [platform, builderTargets(platform)]))).toEqual({
    linux: ['appimage', 'deb', 'rpm', 'pacman', 'tar.gz', 'zip', 'dir'],
    win32: ['nsis', 'zip', 'dir'],
    darwin: ['zip'],
  });
});

it.each([
  ['deb\n', 'linux', 'deb'],
  ['portable', 'linux', 'portable'],
  ['portable', 'win32', 'portable'],
  ['deb', 'win32', undefined],
  ['snap', 'linux', undefined],
  [undefined, 'linux', undefined],
] as const)('takes the package type %j on %s for %s', (text, platform, kind) => {
  expect(kindOfPackageType(text, platform)).toBe(kind);
});
