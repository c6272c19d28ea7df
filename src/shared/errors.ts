import { omitUndefined } from './omit-undefined.ts';
import { downloadCodes } from './codes/download.ts';
import { installCodes } from './codes/install.ts';
import { ipcCodes } from './codes/ipc.ts';
import { optionCodes } from './codes/options.ts';
import { publishCodes } from './codes/publish.ts';
import { releaseCodes } from './codes/release.ts';
import { stageCodes } from './codes/stage.ts';
import { trustCodes } from './codes/trust.ts';

type ErrorCodes = typeof optionCodes &
  typeof trustCodes &
  typeof releaseCodes &
  typeof downloadCodes &
  typeof stageCodes &
  typeof installCodes &
  typeof ipcCodes &
  typeof publishCodes;

/** The stable code of an {@link UpdateError}: apps may switch on it. */
export type UpdateErrorCode = keyof ErrorCodes;

/** Every code with a summary for people and whether trying again later can help. */
export const errorCodes: ErrorCodes = {
  ...optionCodes,
  ...trustCodes,
  ...releaseCodes,
  ...downloadCodes,
  ...stageCodes,
  ...installCodes,
  ...ipcCodes,
  ...publishCodes,
};

/** The part of the work in which an error arose: the lower-cased first word of its code. */
export type ErrorPhase =
  'options' | 'trust' | 'release' | 'download' | 'stage' | 'install' | 'ipc' | 'manager' | 'publish' | 'repository';

/** Facts that belong to an error: role, version, path, bytes. Plain data, safe to log and to send over IPC. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** An error as plain data: what travels over IPC and into logs. It never holds a stack or a cause's text. */
export interface UpdateErrorData {
  readonly code: UpdateErrorCode;
  readonly phase: ErrorPhase;
  /** What went wrong and what to do about it, for a person. */
  readonly message: string;
  readonly retriable: boolean;
  readonly details?: ErrorDetails;
}

export interface UpdateErrorOptions {
  readonly cause?: unknown;
  readonly details?: ErrorDetails;
}

/**
 * The one error class of the product: a stable {@link UpdateErrorCode}, a sentence that says what to do,
 * and whether trying again later can help.
 */
export class UpdateError extends Error {
  override readonly name = 'UpdateError';
  readonly code: UpdateErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: UpdateErrorCode, message: string, options: UpdateErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }

  get phase(): ErrorPhase {
    return phaseOf(this.code);
  }

  get retriable(): boolean {
    return errorCodes[this.code].retriable;
  }

  /** The error as plain data. The cause stays here: it may hold paths or addresses. */
  toData(): UpdateErrorData {
    return {
      code: this.code,
      phase: this.phase,
      message: this.message,
      retriable: this.retriable,
      ...omitUndefined({ details: this.details }),
    };
  }
}

/** Returns `error` if it is an {@link UpdateError}, else wraps it under `code`, keeping it as the cause. */
export function toUpdateError(error: unknown, code: UpdateErrorCode, message?: string): UpdateError {
  if (error instanceof UpdateError) return error;
  return new UpdateError(code, message ?? `${errorCodes[code].summary} ${textOf(error)}`, { cause: error });
}

/** The text of anything that was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system error (`ENOSPC`, `EACCES`, …), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Is there no room left on the disk, or none for this user? */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
}

function phaseOf(code: UpdateErrorCode): ErrorPhase {
  return code.slice(0, code.indexOf('_')).toLowerCase() as ErrorPhase;
}
