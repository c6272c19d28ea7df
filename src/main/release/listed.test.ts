import { expect, it } from 'vitest';

import { facts } from '../../../test/support/release-facts.ts';
import { artifactOf, indexOf, releaseOf } from '../../../test/support/release-index.ts';
import { listedReleases } from './listed.ts';

it('lists each release for this installation, newest first, with the file that fits', () => {
  const index = indexOf([
    releaseOf('1.1.0', { notes: { en: 'New tags' }, minimumSystemVersion: '7', critical: true }),
    releaseOf('1.10.0', { rollout: { basisPoints: 2550 } }),
    releaseOf('1.2.0', { withdrawn: true, artifacts: [artifactOf('1.2.0', { kind: 'deb' })] }),
  ]);
  const shared = { releasedAt: '2026-11-01T00:00:00Z', notes: {}, critical: false, withdrawn: false };
  const file = { size: 1000, sha256: 'ab'.repeat(32) };
  expect(listedReleases(index, { ...facts, kinds: ['appimage'] })).toEqual([
    { ...shared, version: '1.10.0', rolloutPercent: 25.5, file: { ...file, name: 'Notes-1.10.0.AppImage' } },
    { ...shared, version: '1.2.0', withdrawn: true },
    {
      ...shared,
      version: '1.1.0',
      notes: { en: 'New tags' },
      critical: true,
      minimumSystemVersion: '7',
      file: { ...file, name: 'Notes-1.1.0.AppImage' },
    },
  ]);
});
