import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a contender downloads. */
export interface Task {
  /** The URLs of the file. All but the first are mirrors. */
  readonly urls: readonly [string, ...string[]];
  readonly length: number;
  readonly sha256: string;
  readonly sha512: string;
  readonly to: string;
}

/** `node contender.mjs <task as JSON>`: prepares, then measures one download and prints one line of JSON. */
export async function measure(prepare: (task: Task) => Promise<() => Promise<number | void>>): Promise<void> {
  const run = await prepare(JSON.parse(process.argv[2] ?? '') as Task);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const bytes = await run();
  const time = performance.now() - before;
  const cpu = process.cpuUsage(cpuBefore);
  delay.disable();
  console.log(
    JSON.stringify({
      'time ms': time,
      'CPU ms': (cpu.user + cpu.system) / 1000,
      'peak RSS MB': peakMemory() / 1000,
      'longest block ms': Math.max(0, delay.max / 1e6 - 1),
      ...(typeof bytes === 'number' ? { 'received MB': bytes / 1e6 } : {}),
    }),
  );
}

/** In kilobytes. The kernel's figure at the end of a process (`maxRSS`) would include the parent that forked it. */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
