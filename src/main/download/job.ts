import type { TrustedTarget } from '../../shared/trusted-target.ts';
import type { DownloadContext } from './context.ts';
import type { PartFile } from './part/part-file.ts';
import type { ProgressReporter } from './progress/progress-reporter.ts';
import type { TaskControl } from './task-control.ts';

/** One artifact that is being downloaded into its part file. */
export interface DownloadJob {
  readonly context: DownloadContext;
  readonly target: TrustedTarget;
  readonly part: PartFile;
  readonly control: TaskControl;
  readonly progress: ProgressReporter;
  readonly stats: TransferStats;
}

/** What a download has cost so far. */
export class TransferStats {
  #bytesReceived = 0;
  #requests = 0;
  #resumed = 0;

  /** Body bytes received. */
  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Bytes of the artifact that did not have to be transferred and still count as valid. */
  get resumed(): number {
    return this.#resumed;
  }

  add({ bytesReceived = 0, requests = 0 }: { readonly bytesReceived?: number; readonly requests?: number }): void {
    this.#bytesReceived += bytesReceived;
    this.#requests += requests;
  }

  setResumed(bytes: number): void {
    this.#resumed = bytes;
  }
}
