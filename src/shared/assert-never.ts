/** Makes a `switch` over a union exhaustive at compile time. Throws at run time if data does not match its type. */
export function assertNever(value: never): never {
  throw new TypeError(`Unexpected value: ${JSON.stringify(value)}`);
}
