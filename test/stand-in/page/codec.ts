/**
 * Structured clone through a string: what Electron's IPC carries. One self-contained function, so that its source can be
 * sent into a page as it is.
 */
export function createCodec(): Codec {
  type Tagged = readonly [tag: string, ...rest: unknown[]];
  const refuse = (value: unknown): never => {
    const error = new Error(`${String(value)} could not be cloned.`);
    error.message = 'An object could not be cloned.';
    throw error;
  };

  function pack(value: unknown, seen: Map<object, number>): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0) ? value : ['number', String(value)];
      case 'undefined':
        return ['undefined'];
      case 'bigint':
        return ['bigint', String(value)];
      case 'object':
        return value === null ? null : packObject(value, seen);
      default:
        return refuse(value);
    }
  }

  function packObject(value: object, seen: Map<object, number>): Tagged {
    const known = seen.get(value);
    if (known !== undefined) return ['seen', known];
    seen.set(value, seen.size);
    if (Array.isArray(value)) return ['array', ...value.map((item) => pack(item, seen))];
    if (value instanceof Date) return ['date', value.getTime()];
    if (value instanceof RegExp) return ['regexp', value.source, value.flags];
    if (value instanceof Map) return ['map', ...[...value].flat().map((item) => pack(item, seen))];
    if (value instanceof Set) return ['set', ...[...value].map((item) => pack(item, seen))];
    if (value instanceof Error) return ['error', value.name, value.message, value.stack];
    if (value instanceof Uint8Array) return ['bytes', ...value];
    if (value instanceof Promise || value instanceof WeakMap) return refuse(value);
    return ['object', ...Object.entries(value).flatMap(([key, item]) => [key, pack(item, seen)])];
  }

  function unpack(packed: unknown, made: object[]): unknown {
    if (!Array.isArray(packed)) return packed;
    const [tag, ...rest] = packed as unknown as [string, ...unknown[]];
    const remember = <T extends object>(value: T): T => {
      made.push(value);
      return value;
    };
    switch (tag) {
      case 'undefined':
        return undefined;
      case 'number':
        return Number(rest[0]);
      case 'bigint':
        return BigInt(String(rest[0]));
      case 'seen':
        return made[Number(rest[0])];
      case 'date':
        return remember(new Date(Number(rest[0])));
      case 'regexp':
        return remember(new RegExp(String(rest[0]), String(rest[1])));
      case 'error':
        return remember(Object.assign(new Error(String(rest[1])), { name: rest[0], stack: rest[2] }));
      case 'bytes':
        return remember(Uint8Array.from(rest as number[]));
      case 'array': {
        const array = remember<unknown[]>([]);
        for (const item of rest) array.push(unpack(item, made));
        return array;
      }
      case 'set': {
        const set = remember(new Set());
        for (const item of rest) set.add(unpack(item, made));
        return set;
      }
      case 'map': {
        const map = remember(new Map());
        for (let i = 0; i < rest.length; i += 2) map.set(unpack(rest[i], made), unpack(rest[i + 1], made));
        return map;
      }
      default: {
        const object = remember<Record<string, unknown>>({});
        for (let i = 0; i < rest.length; i += 2) {
          const value = unpack(rest[i + 1], made);
          Object.defineProperty(object, String(rest[i]), {
            value,
            enumerable: true,
            writable: true,
            configurable: true,
          });
        }
        return object;
      }
    }
  }

  return {
    encode: (value) => JSON.stringify(pack(value, new Map())),
    decode: (text) => unpack(JSON.parse(text), []),
  };
}

export interface Codec {
  /** Throws what structured clone throws for functions, symbols and promises. */
  encode(value: unknown): string;
  decode(text: string): unknown;
}
