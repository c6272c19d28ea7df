import { expect, it } from 'vitest';

import { UpdateError } from '../../../shared/errors.ts';
import { parseCall } from './calls.ts';

function outcome(request: unknown): unknown {
  try {
    return parseCall(request);
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

it.each([
  [{ method: 'info' }],
  [{ method: 'install', at: 'next-launch' }],
  [{ method: 'remindLater' }],
  [{ method: 'remindLater', ms: 5 }],
  [{ method: 'setChannel', channel: 'beta', allowDowngrade: true }],
])('reads %j', (call) => {
  expect(outcome(call)).toEqual(call);
});

it.each([
  [undefined],
  [null],
  ['info'],
  [[]],
  [{}],
  [{ method: 'constructor' }],
  [{ method: '__proto__' }],
  [{ method: ['info'] }],
  [{ method: 'info', at: 'now' }],
  [{ method: 'close' }],
  [{ method: 'confirmHealthy' }],
  [{ method: 'installFromBundle', path: '/tmp/x' }],
  [{ method: 'install' }],
  [{ method: 'install', at: 'later' }],
  [{ method: 'install', at: ['now'] }],
  [{ method: 'setChannel', channel: 5 }],
  [{ method: 'setChannel', channel: 'x'.repeat(33) }],
  [{ method: 'setChannel', channel: 'beta', allowDowngrade: 'yes' }],
  [{ method: 'remindLater', ms: -1 }],
  [{ method: 'remindLater', ms: Number.NaN }],
  [{ method: 'remindLater', ms: Infinity }],
  [JSON.parse('{"method":"info","__proto__":{"at":"now"}}')],
  [JSON.parse('{"method":"install","__proto__":{"at":"now"}}')],
  [{ method: 'info', constructor: 1 }],
  [{ method: 'info', toString: 1 }],
  [{ method: 'info', [Symbol('x')]: 1 }],
  [Object.create({ method: 'info' })],
])('refuses %j', (request) => {
  expect(outcome(request)).toBe('IPC_BAD_REQUEST');
});

it('returns a new object, so that the page’s object is not used further', () => {
  const request = { method: 'install', at: 'now' };
  expect(parseCall(request)).not.toBe(request);
});
