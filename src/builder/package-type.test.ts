import { expect, it } from 'vitest';

import { packageTypeOf } from './package-type.ts';

it.each([
  ['linux', [], 'portable'],
  ['linux', ['tar.gz'], 'portable'],
  ['linux', ['appimage', 'zip', 'dir'], 'portable'],
  ['win32', ['zip'], 'portable'],
  ['linux', ['deb'], 'deb'],
  ['linux', ['AppImage', 'rpm'], 'rpm'],
  ['linux', ['AppImage'], undefined],
  ['linux', ['deb', 'rpm'], undefined],
  ['linux', ['deb', 'tar.gz'], undefined],
  ['win32', ['nsis', 'zip'], undefined],
  ['darwin', ['zip'], undefined],
])('on %s with %j the package type is %s', (platform, targets, type) => {
  expect(packageTypeOf(platform, targets)).toBe(type);
});
