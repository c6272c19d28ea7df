/** JSON that TUF can sign. Its numbers are safe integers, because canonical JSON has no fractions. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** The `spec_version` of all written metadata, as RSTUF writes it. */
export const specVersion = '1.0.31';

/** Formats a time as TUF does (specification, 4.2.1): UTC, whole seconds. `at` is in milliseconds since the epoch. */
export function tufTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
