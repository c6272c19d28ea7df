import { connect } from 'node:net';
import { createInterface } from 'node:readline';

import type { UpdateErrorData } from '../../src/shared/errors.ts';
import type { UpdateState } from '../../src/shared/state.ts';

/** What the demo app says about itself to whoever started it with `--report=<socket>`, one JSON line each. */
export type Report =
  | { readonly type: 'started'; readonly version: string; readonly pid: number }
  | { readonly type: 'state'; readonly state: UpdateState }
  | { readonly type: 'failed'; readonly error: UpdateErrorData };

/** What it can be told. */
export type Command = 'quit';

export interface Reporter {
  send(report: Report): void;
}

/**
 * Connects to the listener at `path`. The app is a guest there: it quits when it is told to, and when the listener is
 * gone.
 */
export async function connectReporter(path: string, onQuit: () => void): Promise<Reporter> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', onQuit).once('close', onQuit);
  createInterface(socket).on('line', (line) => {
    if (line === ('quit' satisfies Command)) onQuit();
  });
  return { send: (report) => void socket.write(`${JSON.stringify(report)}\n`) };
}
