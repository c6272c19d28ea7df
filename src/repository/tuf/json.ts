/** JSON as TUF signs it: canonical JSON has no fractions (numbers are safe integers). */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** The `spec_version` of all written metadata: what RSTUF writes. */
export const specVersion = '1.0.31';

/** A moment as TUF writes it (spec 4.2.1): UTC, whole seconds. `at` in milliseconds since the epoch. */
export function tufTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
