import { execFile, spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Nginx, startNginx } from '../test/support/nginx.ts';
import { type Bench, compare, type Contender, inTurn, type Measures } from './frame.ts';

const contenders = ['ours', 'node:http + sha512', 'electron-updater', 'tuf-js', 'curl (no hash)'];

/** A plain download of 200 MB from nginx on loopback. */
export const bench: Bench = {
  about: '200 MB from nginx on loopback: download, verify, flush, rename; each run in a process of its own',
  async run(report) {
    const home = await mkdtemp(join(tmpdir(), 'bench-download-'));
    const nginx = await startNginx(home);
    try {
      const file = await writeRandomFile(join(home, 'file.bin'), 200_000_000);
      const all = contenders.map((name) => contender(name, nginx, file, join(home, 'out')));
      return compare('200 MB', await inTurn(all, report, { rounds: 7 }));
    } finally {
      await nginx.close();
      await rm(home, { recursive: true, force: true });
    }
  },
};

interface RandomFile {
  readonly length: number;
  readonly sha256: string;
  readonly sha512: string;
}

function contender(name: string, nginx: Nginx, file: RandomFile, to: string): Contender {
  const url = `${nginx.url}/file.bin`;
  return {
    name,
    async run() {
      const measures = name.startsWith('curl') ? await runCurl(url, to) : await runNode(name, url, file, to);
      await rm(to, { force: true });
      return measures;
    },
  };
}

async function runCurl(url: string, to: string): Promise<Measures> {
  const before = performance.now();
  const curl = spawn('curl', ['--silent', '--fail', '--output', to, url], { stdio: 'inherit' });
  const [code] = (await once(curl, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`curl ended with ${code}.`);
  return { 'time ms': performance.now() - before };
}

async function runNode(name: string, url: string, file: RandomFile, to: string): Promise<Measures> {
  const script = join(import.meta.dirname, 'download-contender.ts');
  const args = [script, name, url, String(file.length), file.sha256, file.sha512, to];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Measures;
}

async function writeRandomFile(path: string, length: number): Promise<RandomFile> {
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')];
  const file = await open(path, 'w');
  const block = Buffer.alloc(1_000_000);
  for (let at = 0; at < length; at += block.length) {
    const bytes = randomFillSync(block).subarray(0, Math.min(block.length, length - at));
    await file.write(bytes);
    sha256.update(bytes);
    sha512.update(bytes);
  }
  await file.close();
  return { length, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}
