import { expect, it } from 'vitest';

import { preAuthenticationEncoding } from './dsse.ts';

it('encodes the test vector of the DSSE specification (protocol.md)', () => {
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', new TextEncoder().encode('hello world'));
  expect(new TextDecoder().decode(encoded)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});
