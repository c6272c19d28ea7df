import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { untilListening } from './until-listening.ts';

export interface Nginx {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A real nginx on a free port, serving `directory`; `location` adds directives such as `limit_rate 1m;`. */
export async function startNginx(directory: string, location = '', host = '127.0.0.1'): Promise<Nginx> {
  const home = await mkdtemp(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  await writeFile(join(home, 'nginx.conf'), configuration(home, `${host}:${port}`, directory, location));
  const child = spawn('nginx', ['-p', home, '-c', join(home, 'nginx.conf')], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  });
  await untilListening(port, child, host);
  return {
    url: `http://${host}:${port}`,
    port,
    async close() {
      const ended = once(child, 'exit');
      if (child.kill('SIGTERM')) await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

function configuration(home: string, address: string, directory: string, location: string): string {
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${home}/nginx.pid;
error_log ${home}/error.log;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  default_type application/octet-stream;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  server {
    listen ${address};
    root ${directory};
    location / { ${location} }
  }
}
`;
}
