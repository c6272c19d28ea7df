import { connect } from 'node:net';
import { createInterface } from 'node:readline';

import type { UpdateErrorData } from '../../src/shared/errors.ts';
import type { UpdateState } from '../../src/shared/state.ts';

/** A report that the demo app sends to `--report=<socket>`, one line of JSON each. */
export type Report =
  | { readonly type: 'started'; readonly version: string; readonly pid: number }
  | { readonly type: 'state'; readonly state: UpdateState }
  | { readonly type: 'failed'; readonly error: UpdateErrorData };

/** A command that the demo app receives. */
export type Command = 'quit';

export interface Reporter {
  send(report: Report): void;
}

/**
 * Connects to the listener at `path`. The app quits on its command, and when the listener is gone.
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
