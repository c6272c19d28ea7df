import { errorCodes, type ErrorReason, type UpdateErrorCode } from './error-table.ts';
import { omitUndefined } from './omit-undefined.ts';

export type { UpdateErrorCode };

/** The part of the work in which an error arose: the lower-cased first word of its code. */
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

/** Facts that belong to an error: role, version, path, bytes. Plain data, safe to log and to send over IPC. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** An error as plain data: what travels over IPC and into logs. It never holds a stack or a cause's text. */
export interface UpdateErrorData {
  readonly code: UpdateErrorCode;
  readonly phase: ErrorPhase;
  /** What went wrong and what to do about it, for a person. */
  readonly message: string;
  readonly retriable: boolean;
  /** The kind of the error, as a person knows it. */
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
 * The one error class of the product: a stable {@link UpdateErrorCode}, a sentence that says what to do,
 * and whether trying again later can help.
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

  /** The error as plain data. The cause stays here: it may hold paths or addresses. */
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
  return code.replace(/_.*/, '').toLowerCase() as ErrorPhase;
}
