import { describe, expect, it } from 'vitest';

import { releaseOf } from '../../test/support/release-index.ts';
import { UpdateError } from '../shared/errors.ts';
import type { Release } from '../shared/release-index.ts';
import { assertStep } from './step.ts';

function verdict(version: string, installed: string, change: Partial<Release> = {}, floor?: string): string {
  try {
    assertStep(releaseOf(version, change), installed, floor);
    return 'installed';
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

describe('the versions that the helper installs', () => {
  it.each([
    ['1.1.0', '1.0.0', {}, 'installed'],
    ['1.0.0', '1.0.0', {}, 'installed'],
    ['1.0.0', '1.0.0', { requires: '<1.0.0' }, 'installed'],
    ['0.9.0', '1.0.0', {}, 'INSTALL_DOWNGRADE'],
    ['1.0.0-beta.1', '1.0.0', {}, 'INSTALL_DOWNGRADE'],
    ['0.9.0', '1.0.0', { replaces: '>=1.0.0' }, 'installed'],
    ['0.9.0', '1.0.0', { replaces: '>=1.0.1' }, 'INSTALL_DOWNGRADE'],
    ['1.1.0', '1.0.0', { withdrawn: true }, 'INSTALL_VERIFY'],
    ['0.9.0', '1.0.0', { withdrawn: true, replaces: '*' }, 'INSTALL_VERIFY'],
    ['2.0.0', '1.0.0', { requires: '>=1.5.0' }, 'INSTALL_VERIFY'],
    ['2.0.0', '1.5.0-rc.1', { requires: '>=1.4.0' }, 'installed'],
  ])('%s over %s (%j): %s', (version, installed, change, expected) => {
    expect(verdict(version, installed, change)).toBe(expected);
  });

  it("are never below the package's version floor, even if a rollback is signed", () => {
    expect(verdict('0.9.0', '1.0.0', { replaces: '*' }, '1.0.0')).toBe('INSTALL_VERIFY');
  });
});
