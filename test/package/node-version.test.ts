import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Runs a file in a Node that says it is of another version. */
function runAs(
  version: string,
  file: string,
  ...args: readonly string[]
): { readonly code: number; readonly output: string } {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, join(root, file), ...args], {
    encoding: 'utf8',
  });
  return { code: status ?? -1, output: stdout + stderr };
}

it('the versions that the command names are those of package.json', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe('>=22.22');
});

describe.each([
  ['src/publish/bin.ts', 'electron-tuf needs Node 22.22 or newer, and this is', 2],
  ['scripts/check-node.cjs', 'The scripts of this project need Node 22.22 or newer, and this is', 1],
])('%s', (file, message, failed) => {
  it.each(['18.20.4', '20.20.2', '22.21.1'])('says in Node %s what it needs', (version) => {
    expect(runAs(version, file, '--help')).toEqual({
      code: failed,
      output: expect.stringContaining(`${message} ${version}.`) as string,
    });
  });

  it.each(['22.22.0', '24.0.0'])('runs in Node %s', (version) => {
    const { code, output } = runAs(version, file, '--help');
    expect({ code, isRefused: output.includes('or newer') }).toEqual({ code: 0, isRefused: false });
  });
});
