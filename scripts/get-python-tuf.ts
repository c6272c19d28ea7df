import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Installs the reference implementation of TUF in a virtual environment. Tests use it as a second opinion.
const environment = resolve(import.meta.dirname, '../.cache/python-tuf');
const packages = ['tuf==7.0.1', 'cryptography==50.0.2'];

const run = (program: string, args: readonly string[]): void => {
  execFileSync(program, args, { stdio: 'inherit', timeout: 120_000 });
};

try {
  run('python3', ['-m', 'venv', '--clear', environment]);
  run(join(environment, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
  console.log(`python-tuf is in ${environment}.`);
} catch (error) {
  rmSync(environment, { recursive: true, force: true });
  const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
  console.error(
    `python-tuf cannot be installed: ${message}. It needs Python 3.10 or newer with venv, and a package index.`,
  );
  process.exitCode = 1;
}
