/** A signal that aborts when any of the given signals aborts. Ignores `undefined`. */
export function anySignal(first: AbortSignal, ...others: readonly (AbortSignal | undefined)[]): AbortSignal {
  const given = others.filter((other) => other !== undefined);
  return given.length === 0 ? first : AbortSignal.any([first, ...given]);
}
