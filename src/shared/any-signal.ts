/** Aborted as soon as one of them is; those that are `undefined` never are. */
export function anySignal(first: AbortSignal, ...others: readonly (AbortSignal | undefined)[]): AbortSignal {
  const given = others.filter((other) => other !== undefined);
  return given.length === 0 ? first : AbortSignal.any([first, ...given]);
}
