/**
 * Parses an X.500 name as Windows prints it (`CN="Example, Inc.", O=Example, C=DE`; quoting as in RFC 4514). Returns no
 * attributes if any part of the text cannot be parsed.
 */
export function parseDistinguishedName(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  const attribute = /\s*([A-Za-z0-9.]+)\s*=\s*(?:"((?:[^"]|"")*)"|([^,+"]*))\s*(?:[,+]|$)/gy;
  let end = 0;
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    const [, name = '', quoted, plain = ''] = match;
    attributes.set(name.toUpperCase(), quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    end = attribute.lastIndex;
    if (end === text.length) break;
  }
  return end === text.length ? attributes : new Map();
}

/**
 * True if `subject` is one of the publishers. A publisher is either a common name, or a distinguished name whose
 * attributes must all be equal.
 */
export function isPublisher(subject: string, publishers: readonly string[]): boolean {
  const actual = parseDistinguishedName(subject);
  return publishers.some((publisher) => {
    const wanted = parseDistinguishedName(publisher);
    if (wanted.size === 0) return publisher !== '' && publisher === actual.get('CN');
    return [...wanted].every(([name, value]) => actual.get(name) === value);
  });
}
