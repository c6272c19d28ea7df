/** What a `Range` header requests from a file of `size` bytes (RFC 9110, 14.1.2 and 14.2). `end` is inclusive. */
export type RequestedRange =
  | { readonly type: 'whole' }
  | { readonly type: 'part'; readonly start: number; readonly end: number }
  | { readonly type: 'unsatisfiable' };

/** Parses a `Range` header. Ignores malformed headers, other units and multiple ranges, as the RFC allows. */
export function parseRange(header: string | undefined, size: number): RequestedRange {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const first = match?.[1] ?? '';
  const last = match?.[2] ?? '';
  if (first === '' && last === '') return { type: 'whole' };
  if (first === '') return part(Math.max(0, size - Number(last)), size - 1, size);
  if (last !== '' && Number(last) < Number(first)) return { type: 'whole' };
  return part(Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1), size);
}

function part(start: number, end: number, size: number): RequestedRange {
  return start < size && start <= end ? { type: 'part', start, end } : { type: 'unsatisfiable' };
}
