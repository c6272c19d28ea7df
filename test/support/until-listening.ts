import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until a program that was started accepts connections on a port. Throws when it ends before. */
export async function untilListening(port: number, child: ChildProcess, host = '127.0.0.1'): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode} before it listened.`);
    if (await accepts(port, host)) return;
    await delay(25);
  }
  throw new Error(`${child.spawnfile} did not listen in time.`);
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}
