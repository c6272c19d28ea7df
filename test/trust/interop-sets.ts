import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Requirement } from '../support/requires.ts';

/** A repository written by another implementation, as in a checkout of that implementation. */
export interface InteropSet {
  /** The name of the test. */
  readonly name: string;
  /** Metadata directories below the checkouts, one per state of the repository in order. One client sees them all. */
  readonly states: readonly string[];
  /** The directory of the content, below each state. */
  readonly content: string;
  /** A target of each state. */
  readonly targets: readonly string[];
  /** The set's name for a metadata file. @defaultValue the name itself */
  readonly nameOf?: (file: string) => string;
  /** The file below the checkouts that vouches for Sigstore identities. @defaultValue none */
  readonly trustedRoot?: string;
}

const rust = 'rust-tuf/interop-tests/tests';
const steps = [0, 1, 2, 3, 4, 5];

/** Six states of one repository. Root and online keys change step by step. */
function rotating(folder: string, how: 'true' | 'false'): InteropSet {
  return {
    name: `rust-tuf's ${folder}, consistent_snapshot ${how}`,
    states: steps.map((step) => `${rust}/${folder}/consistent-snapshot-${how}/${step}/repository`),
    content: 'targets',
    targets: steps.map(String),
  };
}

/** In a repository that tuf-on-ci writes, only roots have versions in their names. */
function inTufOnCi(file: string): string {
  return /^\d+\.root\.json$/.test(file) ? `root_history/${file}` : file.replace(/^\d+\./, '');
}

const tough = 'tough/tough/tests/data';
const suite = 'tuf-conformance/tuf_conformance/static_data';

/** Repositories that the client follows. The first folder of each path is the name of the checkout. */
export const interopSets: readonly InteropSet[] = [
  {
    name: "sigstore's root-signing, roots 1 to 12 (go-tuf, tuf-on-ci)",
    states: [`${suite}/sigstore-root-signing/metadata`],
    content: '../targets',
    targets: ['trusted_root.json'],
  },
  {
    name: "sigstore's root-signing as it is now",
    states: ['root-signing/metadata'],
    content: '../targets',
    targets: ['trusted_root.json'],
    nameOf: inTufOnCi,
  },
  {
    name: 'tuf-on-ci-sigstore-test, signed by Sigstore identities alone (securesystemslib)',
    states: ['tuf-on-ci-sigstore-test/metadata'],
    content: '../targets',
    targets: ['testfile'],
    nameOf: inTufOnCi,
    trustedRoot: 'root-signing/targets/trusted_root.json',
  },
  {
    name: 'tuf-on-ci 0.11',
    states: [`${suite}/tuf-on-ci-0.11/metadata`],
    content: '../targets',
    targets: ['delegatedrole/artifact'],
  },
  ...['fuchsia-go-tuf-5527fe', 'fuchsia-go-tuf-transition-M4'].flatMap((folder) => [
    rotating(folder, 'true'),
    rotating(folder, 'false'),
  ]),
  {
    name: "python-tuf's repository_data",
    states: ['python-tuf/tests/repository_data/repository/metadata'],
    content: '../targets',
    targets: ['file3.txt'],
  },
  {
    name: "tough's tuf-reference-impl",
    states: [`${tough}/tuf-reference-impl/metadata`],
    content: '../targets',
    targets: ['file3.txt'],
  },
  {
    name: "tough's consistent-snapshots",
    states: [`${tough}/consistent-snapshots/metadata`],
    content: '../targets',
    targets: ['data2.txt'],
  },
  {
    name: "tough's dubious-role-names",
    states: [`${tough}/dubious-role-names/metadata`],
    content: '../targets',
    targets: ['1.txt'],
    nameOf: encodeURIComponent,
  },
];

/** Roots with their versions, or the code with which the client refuses them as an anchor. */
export const interopRoots: readonly (readonly [file: string, expected: number | string])[] = [
  [`${tough}/simple-rsa/root.json`, 1],
  [`${tough}/hex-encoded-ecdsa-sig-keys/root.json`, 2],
  [`${tough}/pem-encoded-ecdsa-sig-keys/root.json`, 5],
  [`${tough}/ecdsa-new-type-sig-keys/root.json`, 9],
  [`${tough}/expired-root-json-signature/root.json`, 1],
  // One key id occurs twice in its JSON. The last one counts, and that one was signed.
  [`${tough}/duplicate-keyid/root.json`, 1],
  [`${tough}/duplicate-sigs/root.json`, 'TRUST_ROOT_INVALID'],
  [`${tough}/duplicate-sig-keys/root.json`, 'TRUST_ROOT_INVALID'],
  [`${tough}/invalid-root-json-signature/root.json`, 'TRUST_ROOT_INVALID'],
  [`${tough}/mismatched-root-json-keyids/root.json`, 'TRUST_ROOT_INVALID'],
  [`${tough}/no-root-json-signatures/root.json`, 'TRUST_ROOT_INVALID'],
  // Signed over indented JSON, a format that only that test uses.
  [`${rust}/metadata/consistent-snapshot-true/0/repository/1.root.json`, 'TRUST_ROOT_INVALID'],
  // Its signatures are invalid.
  ['go-tuf/internal/testutils/repository_data/repository/metadata/1.root.json', 'TRUST_ROOT_INVALID'],
];
/** The folder with the checkouts. See README.md. */
const home = process.env['INTEROP_SETS'];

export function placeOf(path: string): string {
  return join(home ?? '', path);
}

/** The checkouts for these paths. They are optional, in CI too. */
export function checkoutsOf(paths: readonly string[]): Requirement {
  return {
    name: 'checkouts of other TUF implementations',
    remedy: 'see test/trust/README.md',
    isMet: home !== undefined && paths.every((path) => existsSync(placeOf(path))),
    isOptional: true,
  };
}

/** The claims of a state: versions of root and timestamp, and the earliest expiry of its files. */
export function readState(directory: string): {
  readonly versions: readonly [root: number, timestamp: number];
  readonly expires: number;
} {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  const signed = files.map((name) => readSigned(join(directory, name)));
  const versionOf = (type: string): number =>
    Math.max(...signed.filter((one) => one._type === type).map(({ version }) => version));
  const root = versionOf('root');
  const current = signed.filter((one) => one._type !== 'root' || one.version === root);
  return {
    versions: [root, versionOf('timestamp')],
    expires: Math.min(...current.map(({ expires }) => Date.parse(expires))),
  };
}

function readSigned(file: string): { readonly _type: string; readonly version: number; readonly expires: string } {
  return (JSON.parse(readFileSync(file, 'utf8')) as { signed: ReturnType<typeof readSigned> }).signed;
}
