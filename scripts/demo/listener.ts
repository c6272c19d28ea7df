import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import type { Command, Report } from '../../demo-app/main/report.ts';
import { giveToAppUser } from '../electron/app-user.ts';

/** One run of the demo app, that is, one process. */
export interface AppRun {
  readonly version: string;
  readonly pid: number;
  quit(): void;
}

export interface AppListener {
  /** The value of the app's `--report=` option. */
  readonly path: string;
  /**
   * Resolves with the first result of `pick` for a report. Earlier reports are tried first, even if `signal` has
   * aborted. Then it rejects with the signal's reason.
   */
  next<T>(pick: (report: Report, run: AppRun) => T | undefined, signal?: AbortSignal): Promise<T>;
  /** Resolves once no process is connected, so that every report has arrived. Rejects when `signal` aborts. */
  silent(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Receives the reports of the installed app from any of its processes. A relaunched app connects again. */
export async function listenToApp(path: string): Promise<AppListener> {
  const heard: (readonly [Report, AppRun])[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const quit = (): void => void socket.write(`${'quit' satisfies Command}\n`);
    let run: AppRun | undefined;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      for (const wake of waiting) wake();
    });
    createInterface(socket).on('line', (line) => {
      const report = JSON.parse(line) as Report;
      if (report.type === 'started') run = { version: report.version, pid: report.pid, quit };
      if (run !== undefined) heard.push([report, run]);
      for (const wake of waiting) wake();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  await giveToAppUser(path);

  /** Resolves when a report arrived, a process disconnected, or `signal` aborts. */
  function change(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }

  return {
    path,
    async silent(signal) {
      for (; sockets.size > 0; await change(signal)) signal?.throwIfAborted();
    },
    async next(pick, signal) {
      for (let seen = 0; ;) {
        for (; seen < heard.length; seen += 1) {
          const [report, run] = heard[seen] ?? [];
          const picked = report === undefined || run === undefined ? undefined : pick(report, run);
          if (picked !== undefined) return picked;
        }
        signal?.throwIfAborted();
        await change(signal);
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
