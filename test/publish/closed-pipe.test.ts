import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const command = resolve(import.meta.dirname, '../../src/publish/bin.ts');

/** As `electron-tuf … | head -0`: nobody reads the output. */
describe('a command whose output nobody reads', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'closed-pipe-'))));
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  it.each([
    { args: ['--help'], code: 0 },
    { args: ['doctor', '--project', '.'], code: 1 },
  ])('ends with its own exit code: $args', async ({ args, code }) => {
    const child = spawn(process.execPath, [command, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ exitCode: exitCode as unknown, stderr }).toEqual({ exitCode: code, stderr: '' });
  });
});
