import { Presets, SingleBar } from 'cli-progress';

import { formatBytes, formatDuration } from './format.ts';
import type { Terminal } from './terminal.ts';
import { visible } from './visible.ts';

/** The progress of a step. */
export interface WorkProgress {
  readonly label: string;
  readonly unit: 'bytes' | 'files';
  readonly done: number;
  readonly total: number;
  readonly bytesPerSecond?: number;
  readonly etaSeconds?: number;
}

/** Shows progress as a bar on a terminal; elsewhere prints a line when a step begins, and then one every 30 seconds. */
export interface ProgressLine {
  update(progress: WorkProgress): void;
  /** Clears the line, so that other lines can follow. */
  stop(): void;
}

export function createProgressLine(terminal: Terminal): ProgressLine {
  return terminal.interactive ? barLine() : quietLine(terminal);
}

/** Milliseconds between lines about the same step in a log. */
const logEveryMs = 30_000;

function quietLine(terminal: Terminal): ProgressLine {
  let shown = '';
  let loggedAt = 0;
  return {
    update(progress) {
      const { label, unit, total } = progress;
      const isNew = label !== shown;
      if (!isNew && performance.now() - loggedAt < logEveryMs) return;
      [shown, loggedAt] = [label, performance.now()];
      terminal.note(`${label}: ${isNew ? amount(total, unit) : detailOf(progress)}`);
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
      const { done, total } = progress;
      const label = visible(progress.label);
      if (label !== shown) stop();
      shown = label;
      const payload = { label, detail: detailOf(progress) };
      if (bar === undefined) {
        const format = '{label} {bar} {percentage}%  {detail}';
        const barsize = barWidth(process.stderr.columns, label);
        bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, barsize }, Presets.shades_classic);
        bar.start(total, done, payload);
      } else {
        bar.update(done, payload);
      }
    },
    stop,
  };
}

/** Columns of the longest text after a bar, which is ` 100%  99.9 MB of 99.9 MB, 99.9 MB/s, 59:59 left`. */
const detailWidth = 49;

/** The width of the bar in columns. The rate and the remaining time take precedence over a long bar. */
export function barWidth(columns: number, label: string): number {
  return Math.min(24, Math.max(4, columns - label.length - 1 - detailWidth));
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
