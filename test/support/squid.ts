import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { untilListening } from './until-listening.ts';

export interface Squid {
  /** With user and password if it asks for them. */
  readonly url: string;
  /** One line for each connection that it made for somebody. */
  log(): Promise<string>;
  close(): Promise<void>;
}

/** A real squid on a free loopback port. With `password`, the user `me` must give it. */
export async function startSquid(password?: string): Promise<Squid> {
  const home = await mkdtemp(join(tmpdir(), 'squid-'));
  // As root, squid changes to a user of its own.
  await chmod(home, 0o777);
  const port = await freePort();
  await writeFile(join(home, 'users'), `me:${password ?? ''}\n`);
  await writeFile(join(home, 'check'), checker, { mode: 0o755 });
  await writeFile(join(home, 'squid.conf'), configuration(home, port, password !== undefined));
  const child = spawn('squid', ['-N', '-f', join(home, 'squid.conf')], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  await untilListening(port, child);
  return {
    url: `http://${password === undefined ? '' : `me:${password}@`}127.0.0.1:${port}`,
    log: () => readFile(join(home, 'access.log'), 'utf8'),
    async close() {
      const ended = once(child, 'exit');
      if (child.kill('SIGKILL')) await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The smallest authentication helper: "user password" on stdin, OK or ERR on stdout. */
const checker = `#!/bin/sh
while read -r user password; do
  if grep -qxF "$user:$password" "$(dirname "$0")/users"; then echo OK; else echo ERR; fi
done
`;

function configuration(home: string, port: number, asks: boolean): string {
  return `
http_port 127.0.0.1:${port}
pid_filename none
cache_log ${home}/cache.log
access_log stdio:${home}/access.log
buffered_logs off
coredump_dir ${home}
cache deny all
shutdown_lifetime 0 seconds
${asks ? `auth_param basic program ${home}/check\nacl known proxy_auth REQUIRED\nhttp_access deny !known` : ''}
http_access allow all
`;
}
