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
    expect({
      unsigned: signersOf(toEnvelope(index), set),
      once: signersOf(once, set),
      twice: signersOf(twice, set),
    }).toEqual({ unsigned: [], once: [ids[0]], twice: ids });
  });

  it('replaces the signature of a key that signs again', () => {
    const once = signEnvelope(toEnvelope(index), [first]);
    expect(signEnvelope(once, [first])).toEqual(once);
  });

  it('ignores unknown keys and signatures of another payload', () => {
    const signed = signEnvelope(toEnvelope(index), [first, stranger]);
    const other = { ...signed, payload: toEnvelope({ ...index, revision: 2 }).payload };
    expect({ withStranger: signersOf(signed, set), otherPayload: signersOf(other, set) }).toEqual({
      withStranger: [ids[0]],
      otherPayload: [],
    });
  });

  it('is deterministic, so repeating an interrupted run gives the same bytes', () => {
    expect(signEnvelope(toEnvelope(index), [first])).toEqual(signEnvelope(toEnvelope(index), [first]));
  });

  it('refuses an index that is too large for clients', () => {
    const long = indexOf([releaseOf('1.0.0', { notes: { en: 'x'.repeat(maxReleaseIndexBytes) } })]);
    expect(() => encodeEnvelope(toEnvelope(long))).toThrow(expect.objectContaining({ code: 'PUBLISH_INPUT' }));
  });
});
