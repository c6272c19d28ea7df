import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** A connection to Chromium over the DevTools protocol. One session a page, plus the browser's own (`undefined`). */
export interface Chromium {
  send(method: string, parameters?: object, session?: string): Promise<Record<string, unknown>>;
  onEvent(listener: (event: ChromiumEvent) => void): void;
  kill(): void;
  /** Settles when the browser process has ended. */
  readonly ended: Promise<void>;
}

export interface ChromiumEvent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly sessionId?: string;
}

interface Answer extends ChromiumEvent {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

const executable = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** With STAND_IN_SHOWN=1 the windows are Chromium's own, for a person; a display is needed then. */
export const isShown: boolean = process.env['STAND_IN_SHOWN'] === '1';

const switches = [
  ...(isShown ? [] : ['--headless=new']),
  '--no-sandbox',
  '--disable-gpu',
  '--no-startup-window',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--password-store=basic',
  '--use-mock-keychain',
  '--allow-file-access-from-files',
];

/**
 * Starts Chromium without a window. It is driven over a pipe, so it ends with this process however that ends; the
 * DevTools port is for whoever tests the app, and announced on stderr as Electron does.
 */
export async function startChromium(profile: string, port: string | undefined): Promise<Chromium> {
  const debugging = ['--remote-debugging-pipe', ...(port === undefined ? [] : [`--remote-debugging-port=${port}`])];
  const child = spawn(executable, [...switches, ...debugging, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await Promise.race([
    port === undefined ? Promise.resolve() : announceDevTools(child),
    ended.then(() => Promise.reject(new Error(`${executable} ended at once.`))),
    new Promise((_, reject) => child.once('error', reject)),
  ]);
  return { ...speak(child.stdio[3] as Writable, child.stdio[4] as Readable), kill: () => child.kill('SIGKILL'), ended };
}

async function announceDevTools(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const line = /^DevTools listening on ws:.*$/m.exec(said)?.[0];
      if (line === undefined) return;
      said = '';
      process.stderr.write(`${line}\n`);
      resolve();
    });
  });
}

/** The pipe carries JSON messages that end with a zero byte. */
function speak(output: Writable, input: Readable): Pick<Chromium, 'send' | 'onEvent'> {
  const waiting = new Map<
    number,
    { resolve: (value: Record<string, unknown>) => void; reject: (error: Error) => void }
  >();
  const listeners: ((event: ChromiumEvent) => void)[] = [];
  let last = 0;
  let rest = '';
  input.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) receive(JSON.parse(message) as Answer);
  });
  input.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Chromium has ended.'));
    waiting.clear();
  });
  output.on('error', () => undefined);
  function receive(answer: Answer): void {
    if (answer.id === undefined) {
      for (const listener of listeners) listener(answer);
      return;
    }
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error === undefined) call?.resolve(answer.result ?? {});
    else call?.reject(new Error(answer.error.message));
  }
  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject });
        output.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
      }),
    onEvent: (listener) => void listeners.push(listener),
  };
}
