/**
 * `unshare --net node far-inside.ts <job as JSON>`: creates the link, runs the contenders over it, prints the results.
 */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { startNginx } from '../../test/support/nginx.ts';
import { inTurn } from '../frame.ts';
import type { RandomFile } from './random-file.ts';
import { runContender } from './run-contender.ts';

export interface FarJob {
  readonly contenders: string;
  readonly www: string;
  readonly file: RandomFile;
  readonly to: string;
  readonly roundTripMs: number;
  readonly loss: number;
  readonly rounds: number;
}

async function main(job: FarJob): Promise<void> {
  const link = await layLink(job.roundTripMs);
  if (job.loss > 0) loseSome(job.loss);
  const nginx = await startNginx(job.www, '', '10.9.0.1');
  const relay = await startRelay(nginx.port);
  try {
    const url = `http://127.0.0.1:${relay.port}/far.bin`;
    const contenders = (['ours', 'electron-updater'] as const).map((name) => ({
      name,
      run: async () => runContender(job.contenders, name, { urls: [url], to: job.to, ...job.file }),
    }));
    const report = { note: (line: string) => console.error(`  far: ${line}`) };
    console.log(JSON.stringify(await inTurn(contenders, report, { rounds: job.rounds, warmUps: 0 })));
  } finally {
    relay.close();
    await nginx.close();
    link.stdin.end();
  }
}

async function layLink(roundTripMs: number): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  const link = spawn('python3', [join(import.meta.dirname, 'far-link.py'), String(roundTripMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(link.stdout, 'data');
  execFileSync('ip', ['address', 'add', '10.9.0.1/32', 'dev', 'far0']);
  execFileSync('ip', ['link', 'set', 'far0', 'up', 'mtu', '1500']);
  // Most servers use CUBIC. The default of this machine may differ.
  execFileSync('ip', ['route', 'add', '10.9.0.2', 'dev', 'far0', 'congctl', 'cubic']);
  return link;
}

function loseSome(share: number): void {
  const statistic = ['-m', 'statistic', '--mode', 'random', '--probability', String(share)];
  execFileSync('iptables', ['-A', 'INPUT', '-i', 'far0', ...statistic, '-j', 'DROP']);
}

/** Plain HTTP is allowed on loopback only, so the contenders connect to a local relay that leads over the link. */
async function startRelay(port: number): Promise<{ readonly port: number; close(): void }> {
  const relay = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '10.9.0.2', allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  return { port: (relay.address() as AddressInfo).port, close: () => void relay.close() };
}

await main(JSON.parse(process.argv[2] ?? '') as FarJob);
// Connections whose last packets were lost would linger.
process.exit();
