import { afterEach, describe, expect, it, vi } from 'vitest';

import { mounting, requires, root } from './requires.ts';
import { skippedLines } from './skipped-reporter.ts';

const squashfs = 'squashfs-tools (apt install squashfs-tools)';
const nginx = 'nginx-light (apt install nginx-light)';

afterEach(() => vi.unstubAllEnvs());

describe('the summary of skipped tests', () => {
  it('has a line for each missing tool, most tests first', () => {
    expect(skippedLines([[nginx], [squashfs], [squashfs, nginx], [], [squashfs]])).toEqual([
      `skipped: 3 tests need ${squashfs}`,
      `skipped: 2 tests need ${nginx}`,
    ]);
    expect([skippedLines([[nginx]]), skippedLines([])]).toEqual([[`skipped: 1 test needs ${nginx}`], []]);
  });
});

describe('tests on a machine without a program', () => {
  it('are skipped, and its package is named once', () => {
    vi.stubEnv('PATH', '/nowhere').stubEnv('CI', '');
    expect(requires('mksquashfs', 'unsquashfs')).toEqual({ skip: true, meta: { lacks: [squashfs] } });
  });

  it('run if it is there', () => {
    expect(requires({ name: 'it', remedy: 'get it', isMet: true })).toEqual({});
  });

  it('fail in continuous integration, which may lack only what is optional', () => {
    vi.stubEnv('PATH', '/nowhere').stubEnv('CI', 'true');
    const optional = { name: 'it', remedy: 'get it', isMet: false, isOptional: true };
    expect(() => requires('mksquashfs')).toThrow(`Missing: ${squashfs}.`);
    expect(requires(optional)).toEqual({ skip: true, meta: { lacks: ['it (get it)'] } });
  });
});

it('only root may mount', () => {
  expect(mounting.isMet && !root.isMet).toBe(false);
});
