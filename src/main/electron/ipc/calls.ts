import { UpdateError } from '../../../shared/errors.ts';
import type { IpcCall, IpcMethod } from '../../../shared/ipc.ts';
import type { InstallAt } from '../../../shared/state.ts';

type Check = (value: unknown) => boolean;

const installAt: readonly InstallAt[] = ['now', 'quit', 'next-launch'];
const isChannel: Check = (value) => typeof value === 'string' && value.length <= 32;
const isFlag: Check = (value) => value === undefined || typeof value === 'boolean';
/** In milliseconds, at most 30 days. */
const isDelay: Check = (value) =>
  value === undefined || (typeof value === 'number' && value > 0 && value <= 30 * 86_400_000);

/** The methods of the IPC contract and the check of each argument. Written by hand, because it runs for every call. */
const calls: { readonly [Method in IpcMethod]: Readonly<Record<string, Check>> } = {
  info: {},
  check: {},
  download: {},
  pause: {},
  resume: {},
  cancel: {},
  skip: {},
  history: {},
  diagnostics: {},
  remindLater: { ms: isDelay },
  install: { at: (value) => installAt.some((at) => at === value) },
  previewChannel: { channel: isChannel },
  setChannel: { channel: isChannel, allowDowngrade: isFlag },
};

/** Every method of the IPC contract. */
export const ipcMethods: readonly IpcMethod[] = Object.keys(calls) as IpcMethod[];

/**
 * Parses a page's call. Copies only own keys that the contract knows into a new object, so that the page's object is
 * not used any further.
 * @throws UpdateError `IPC_BAD_REQUEST`
 */
export function parseCall(request: unknown): IpcCall {
  if (typeof request !== 'object' || request === null || !Object.hasOwn(request, 'method')) {
    throw badRequest('it has no method');
  }
  const given = new Map(Reflect.ownKeys(request).map((key) => [key, Reflect.get(request, key) as unknown]));
  const method = given.get('method');
  if (typeof method !== 'string' || !Object.hasOwn(calls, method)) throw badRequest('it names no known method');
  given.delete('method');
  const call: Record<string, unknown> = { method };
  for (const [name, check] of Object.entries(calls[method as IpcMethod])) {
    const value = given.get(name);
    if (!check(value)) throw badRequest(`"${name}" of ${method} has a wrong value`);
    if (value !== undefined) call[name] = value;
    given.delete(name);
  }
  if (given.size > 0) throw badRequest(`${method} has unknown arguments`);
  return call as unknown as IpcCall;
}

function badRequest(what: string): UpdateError {
  return new UpdateError('IPC_BAD_REQUEST', `The call cannot be read: ${what}. Use window.updates as it is.`);
}
