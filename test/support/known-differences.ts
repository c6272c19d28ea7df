import { canonicalize } from '@tufjs/canonical-json';
import { Metadata, type MetadataKind } from '@tufjs/models';
import { getPublicKey } from '@tufjs/models/dist/utils/key.js';

import { keyFingerprint, toVerificationKey } from '../../src/main/trust/tuf/metadata/verification-key.ts';
import type { Draft } from './signed-world.ts';

/**
 * What ours does otherwise than tuf-js and python-tuf on purpose. Each stands in docs/trust.md, "Where it differs from
 * tuf-js and python-tuf".
 */
interface Difference {
  readonly what: string;
  readonly applies: (ours: string, theirs: string, served: readonly Uint8Array[]) => boolean;
}

const differences: readonly Difference[] = [
  {
    what: 'of a role, only the target that is looked for is read',
    applies: (_ours, theirs) =>
      /TypeError: (hashes must have string|length must be a|targets must be an)|Length must be at least/.test(theirs) ||
      /DeserializationError: .* <- (KeyError: 'length'|TypeError|AttributeError|ValueError: Hashes must be)/.test(
        theirs,
      ),
  },
  {
    what: 'unknown hashes beside a known one say nothing',
    applies: (_ours, theirs) => /Hash algorithm .* not supported|unsupported hash type/.test(theirs),
  },
  {
    what: 'signatures are over what came, not over what was written again',
    applies: (_ours, theirs, served) => /was signed by/.test(theirs) && served.some(isWrittenOtherwise),
  },
  {
    what: 'rotated snapshot keys forget the snapshot version that a timestamp announced (spec 5.3.11)',
    applies: (_ours, theirs, served) => /New snapshot version/.test(theirs) && snapshotKeysOf(served).size > 1,
  },
  {
    what: 'a known hash is needed where hashes are listed',
    applies: (ours) => ours.includes('TRUST_HASH_UNSUPPORTED'),
  },
  { what: 'expiry is written as RFC 3339 says', applies: (ours) => ours.includes('its expiry is not a date') },
  {
    what: 'spec_version is 1.x or 1.x.y',
    applies: (ours) => ours.includes('its version of the specification is not 1.x'),
  },
  {
    what: 'versions are above zero',
    applies: (ours) => ours.includes('is not a whole number above zero'),
  },
  {
    what: 'delegations name either roles or hash bins, and roles have names',
    applies: (ours) => /must delegate either|has no name of its own/.test(ours),
  },
  {
    what: 'a key counts once, and only if it is what its type and scheme say',
    applies: (ours, _theirs, served) => ours.includes('TRUST_UNSIGNED') && served.some(hasOddKeys),
  },
  {
    what: 'root may name other roles too',
    applies: (_ours, theirs) => theirs.includes('Role names must be the top-level metadata roles'),
  },
  {
    what: 'a delegated role without paths is responsible for nothing',
    applies: (_ours, theirs) => theirs.includes('Only one of (paths, path_hash_prefixes) must be set'),
  },
  {
    what: 'a key that cannot be used counts for nothing, and disables nothing',
    applies: (_ours, theirs) => theirs.includes('Unsupported public key'),
  },
  {
    what: 'key ids are a list of different strings',
    applies: (ours) => /the key ids of a role cannot be read|names a key twice/.test(ours),
  },
  {
    what: 'a list is no object',
    applies: (ours, _theirs, served) =>
      ours.includes('TRUST_MALFORMED') && served.some((bytes) => has(bytes, /"(keyval|hashes|keys|meta|targets)":\[/)),
  },
  {
    what: 'prototype names are names like others',
    applies: (_ours, _theirs, served) => served.some((bytes) => has(bytes, /"__proto__":/)),
  },
  {
    what: 'a signature is hex to its end',
    applies: (ours, _theirs, served) => ours.includes('TRUST_UNSIGNED') && served.some(hasOddSignature),
  },
];

/**
 * @param ours the reasons of every refusal so far
 * @param served every file that was served so far
 * @returns the first difference that explains why the verdicts differ
 */
export function explain(
  ours: readonly string[],
  theirs: readonly string[],
  served: readonly Uint8Array[],
): string | undefined {
  const [mine, other] = [ours.join('\n'), theirs.join('\n')];
  return differences.find(({ applies }) => applies(mine, other, served))?.what;
}

interface File {
  readonly signed: Draft & { readonly _type: MetadataKind };
  readonly signatures: readonly { readonly sig: unknown }[];
}

function read(bytes: Uint8Array): File {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as File;
}

function has(bytes: Uint8Array, what: RegExp): boolean {
  return what.test(Buffer.from(bytes).toString('utf8'));
}

function isWrittenOtherwise(bytes: Uint8Array): boolean {
  const file = read(bytes);
  try {
    const again = Metadata.fromJSON(file.signed._type as never, file as never).signed.toJSON();
    return canonicalize(again) !== canonicalize(file.signed);
  } catch {
    return false;
  }
}

function snapshotKeysOf(served: readonly Uint8Array[]): ReadonlySet<string> {
  const roots = served.map((bytes) => read(bytes).signed).filter(({ _type }) => (_type as string) === 'root');
  return new Set(roots.map(({ roles }) => canonicalize((roles as Draft | undefined)?.['snapshot'] ?? null)));
}

/** Keys that tuf-js can use and ours does not, or that are one and the same. */
function hasOddKeys(bytes: Uint8Array): boolean {
  const { signed } = read(bytes);
  const keys = signed['keys'] ?? (signed['delegations'] as Draft | undefined)?.['keys'] ?? {};
  const identities = Object.values(keys).map((key: Draft) => {
    const text = { type: key['keytype'], scheme: key['scheme'], value: (key['keyval'] as Draft)['public'] } as never;
    const mine = toVerificationKey(text);
    return mine === undefined && isUsable(text) ? 'odd' : mine && keyFingerprint(mine);
  });
  return identities.includes('odd') || new Set(identities).size !== identities.length;
}

function isUsable({ type, scheme, value }: { type: string; scheme: string; value: string }): boolean {
  try {
    return getPublicKey({ keyType: type, scheme, keyVal: value }).key !== undefined;
  } catch {
    return false;
  }
}

function hasOddSignature(bytes: Uint8Array): boolean {
  return read(bytes).signatures.some(({ sig }) => !/^([0-9a-f]{2})+$/.test(String(sig)));
}
