/** Makes a `switch` over a union exhaustive at compile time, and loud at run time should data ever lie. */
export function assertNever(value: never): never {
  throw new TypeError(`Unexpected value: ${JSON.stringify(value)}`);
}
