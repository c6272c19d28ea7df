import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import type { Command, Report } from '../../demo-app/main/report.ts';

/** One run of the demo app, from its start to the end of its process. */
export interface AppRun {
  readonly version: string;
  readonly pid: number;
  quit(): void;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
}

export interface AppListener {
  /** What the app is given as `--report=`. */
  readonly path: string;
  /**
   * Resolves with the first report for which `pick` gives something. Reports that came before are looked at first.
   * Rejects when `signal` aborts.
   */
  next<T>(pick: (report: Report, run: AppRun) => T | undefined, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

/** Listens to what the installed app says, whichever process it runs in: a relaunched one connects anew. */
export async function listenToApp(path: string): Promise<AppListener> {
  const heard: (readonly [Report, AppRun])[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const quit = (): void => void socket.write(`${'quit' satisfies Command}\n`);
    let run: AppRun | undefined;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    createInterface(socket).on('line', (line) => {
      const report = JSON.parse(line) as Report;
      if (report.type === 'started') run = { version: report.version, pid: report.pid, quit, ended };
      if (run !== undefined) heard.push([report, run]);
      for (const wake of waiting) wake();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));

  return {
    path,
    async next(pick, signal) {
      for (let seen = 0; ;) {
        signal?.throwIfAborted();
        for (; seen < heard.length; seen += 1) {
          const [report, run] = heard[seen] ?? [];
          const picked = report === undefined || run === undefined ? undefined : pick(report, run);
          if (picked !== undefined) return picked;
        }
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            signal?.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          signal?.addEventListener('abort', wake);
        });
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
