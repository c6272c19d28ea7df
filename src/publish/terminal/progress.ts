import { Presets, SingleBar } from 'cli-progress';

import { formatBytes, formatDuration } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Where some work stands. */
export interface WorkProgress {
  readonly label: string;
  readonly unit: 'bytes' | 'files';
  readonly done: number;
  readonly total: number;
  readonly bytesPerSecond?: number;
  readonly etaSeconds?: number;
}

/** One line of progress on a terminal; elsewhere one line when a part of the work begins. */
export interface ProgressLine {
  update(progress: WorkProgress): void;
  /** Clears the line, so that other lines can follow. */
  stop(): void;
}

export function createProgressLine(terminal: Terminal): ProgressLine {
  return terminal.interactive ? barLine() : quietLine(terminal);
}

function quietLine(terminal: Terminal): ProgressLine {
  let shown = '';
  return {
    update({ label, unit, total }) {
      if (label === shown) return;
      shown = label;
      terminal.note(`${label}: ${amount(total, unit)}`);
    },
    stop() {
      shown = '';
    },
  };
}

function barLine(): ProgressLine {
  let bar: SingleBar | undefined;
  let shown = '';
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    update(progress) {
      const { label, done, total } = progress;
      if (label !== shown) stop();
      shown = label;
      const payload = { label: label.padEnd(32), detail: detailOf(progress) };
      if (bar === undefined) {
        const format = '{label} {bar} {percentage}%  {detail}';
        bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, barsize: 24 }, Presets.shades_classic);
        bar.start(total, done, payload);
      } else {
        bar.update(done, payload);
      }
    },
    stop,
  };
}

function detailOf({ done, total, unit, bytesPerSecond = 0, etaSeconds }: WorkProgress): string {
  const parts = [`${amount(done, unit)} of ${amount(total, unit)}`];
  if (bytesPerSecond > 0) parts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (etaSeconds !== undefined) parts.push(`${formatDuration(etaSeconds)} left`);
  return parts.join(', ');
}

function amount(value: number, unit: WorkProgress['unit']): string {
  return unit === 'bytes' ? formatBytes(value) : `${value} ${value === 1 ? 'file' : 'files'}`;
}
