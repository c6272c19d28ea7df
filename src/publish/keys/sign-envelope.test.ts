import { describe, expect, it } from 'vitest';

import { keySetOf, publisherKey } from '../../../test/support/publisher.ts';
import { indexOf, releaseOf } from '../../../test/support/release-index.ts';
import { maxReleaseIndexBytes } from '../../shared/release-index.ts';
import { encodeEnvelope, signersOf, signEnvelope, toEnvelope } from './sign-envelope.ts';

const index = indexOf([releaseOf('1.0.0')]);
const [first, second, stranger] = [publisherKey(), publisherKey(), publisherKey()];
const set = keySetOf([first, second]);
const ids = set.keys.map((key) => key.keyid);

describe('signing a release index', () => {
  it('adds signatures one after the other', () => {
    const once = signEnvelope(toEnvelope(index), [first]);
    const twice = signEnvelope(once, [second]);
    expect([toEnvelope(index), once, twice].map((envelope) => signersOf(envelope, set))).toEqual([[], [ids[0]], ids]);
  });

  it('replaces the signature of a key that signs again', () => {
    const once = signEnvelope(toEnvelope(index), [first]);
    expect(signEnvelope(once, [first])).toEqual(once);
  });

  it('counts no stranger, and no signature of something else', () => {
    const signed = signEnvelope(toEnvelope(index), [first, stranger]);
    const other = { ...signed, payload: toEnvelope({ ...index, revision: 2 }).payload };
    expect([signersOf(signed, set), signersOf(other, set)]).toEqual([[ids[0]], []]);
  });

  it('is deterministic, so that an interrupted run converges on the same bytes', () => {
    expect(signEnvelope(toEnvelope(index), [first])).toEqual(signEnvelope(toEnvelope(index), [first]));
  });

  it('refuses to publish what clients would not read', () => {
    const long = indexOf([releaseOf('1.0.0', { notes: { en: 'x'.repeat(maxReleaseIndexBytes) } })]);
    expect(() => encodeEnvelope(toEnvelope(long))).toThrow(expect.objectContaining({ code: 'PUBLISH_INPUT' }));
  });
});
