import type { ReleaseFacts } from '../../src/main/release/facts.ts';

/** An installed 1.0.0 on linux-x64. */
export const facts: ReleaseFacts = {
  installed: '1.0.0',
  kinds: ['appimage'],
  nativeArch: 'x64',
  arch: 'x64',
  systemVersion: '6.1.0',
  now: Date.parse('2026-11-23T00:00:00Z'),
  installId: 'an installation',
};
