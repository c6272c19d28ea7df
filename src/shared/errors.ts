import { errorCodes, type ErrorReason, type UpdateErrorCode } from './error-table.ts';
import { omitUndefined } from './omit-undefined.ts';

export type { UpdateErrorCode };

/** The part of the product in which an error occurred: the first word of its code, in lower case. */
export type ErrorPhase =
  | 'options'
  | 'trust'
  | 'release'
  | 'download'
  | 'stage'
  | 'install'
  | 'ipc'
  | 'manager'
  | 'publish'
  | 'repository'
  | 'cancelled';

/** Facts about an error: role, version, path, bytes. Plain data that is safe to log and to send over IPC. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** An error as plain data, for IPC and logs. It contains neither a stack nor a cause's text. */
export interface UpdateErrorData {
  readonly code: UpdateErrorCode;
  readonly phase: ErrorPhase;
  /** What went wrong and what to do about it, for a person. */
  readonly message: string;
  readonly retriable: boolean;
  /** The kind of the error, for a person. */
  readonly reason: ErrorReason;
  readonly details?: ErrorDetails;
  /** The command that a person can run by hand instead. */
  readonly remedyCommand?: string;
}

export interface UpdateErrorOptions {
  readonly cause?: unknown;
  readonly details?: ErrorDetails;
  readonly remedyCommand?: string;
}

/**
 * The only error class of the product: a stable {@link UpdateErrorCode}, a sentence that says what to do, and whether a later
 * retry can help.
 */
export class UpdateError extends Error {
  override readonly name = 'UpdateError';
  readonly code: UpdateErrorCode;
  readonly details: ErrorDetails | undefined;
  readonly remedyCommand: string | undefined;

  constructor(code: UpdateErrorCode, message: string, options: UpdateErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.remedyCommand = options.remedyCommand;
  }

  get phase(): ErrorPhase {
    return phaseOf(this.code);
  }

  get retriable(): boolean {
    return errorCodes[this.code].retriable;
  }

  get reason(): ErrorReason {
    return errorCodes[this.code].reason;
  }

  /** The error as plain data, without the cause, which may contain paths or addresses. */
  toData(): UpdateErrorData {
    return {
      code: this.code,
      phase: this.phase,
      message: this.message,
      retriable: this.retriable,
      reason: this.reason,
      ...omitUndefined({ details: this.details, remedyCommand: this.remedyCommand }),
    };
  }
}

/** Returns `error` if it is an {@link UpdateError}. Otherwise wraps it as the cause of an error with `code`. */
export function toUpdateError(error: unknown, code: UpdateErrorCode, message?: string): UpdateError {
  if (error instanceof UpdateError) return error;
  return new UpdateError(code, message ?? `${errorCodes[code].summary} ${textOf(error)}`, { cause: error });
}

/** The text of any thrown value. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system error (`ENOSPC`, `EACCES`, …), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the error means that the disk is full, or that the user's quota is exhausted. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
}

function phaseOf(code: UpdateErrorCode): ErrorPhase {
  return code.replace(/_.*/, '').toLowerCase() as ErrorPhase;
}
