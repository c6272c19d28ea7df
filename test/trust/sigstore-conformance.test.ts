import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as v from 'valibot';
import { expect, it } from 'vitest';

import { attestationBundleSchema } from '../../src/main/trust/sigstore/bundle-schema.ts';
import { createIdentityVerifier } from '../../src/main/trust/sigstore/identity-verifier.ts';
import { createBundleVerifier } from '../../src/main/trust/sigstore/verify-bundle.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { requires } from '../support/requires.ts';
import { checkoutsOf, placeOf } from './interop-sets.ts';

const suite = 'sigstore-conformance/test/assets/bundle-verify';
const publicRoot = 'root-signing/targets/trusted_root.json';
/** Who made the suite's bundles. */
const beacon = {
  identity:
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
};

/** Where the outcome is another one than the suite's, on purpose. */
const known: Readonly<Record<string, string>> = {
  'happy-path-v0.1': 'bundles of version 0.1 are refused',
  'trust-root-tlog-validity-end-inclusive': 'bundles of version 0.1 are refused',
  'managed-key-happy-path': 'a key without a certificate is no identity',
  'managed-key-and-trusted-root': 'a key without a certificate is no identity',
  'trust-root-tlog-missing-validity-start_fail': 'what is wrong is in the trusted root, which the app embeds',
};

it(
  "Sigstore's conformance suite has no other outcome than the known ones",
  requires(checkoutsOf([suite, publicRoot])),
  async () => {
    const names = readdirSync(placeOf(suite)).filter((name) =>
      existsSync(placeOf(`${suite}/${name}/bundle.sigstore.json`)),
    );
    const different = [];
    for (const name of names) {
      if ((await isAccepted(name)) === name.endsWith('_fail')) different.push(name);
    }
    expect([names.length > 50, different]).toEqual([true, names.filter((name) => name in known)]);
  },
);

async function isAccepted(name: string): Promise<boolean> {
  const [own, other] = [placeOf(`${suite}/${name}`), placeOf(publicRoot)];
  const ownRoot = join(own, 'trusted_root.json');
  const trustedRoot = await readFile(existsSync(ownRoot) ? ownRoot : other);
  const artifact = join(own, 'artifact');
  const bytes = await readFile(existsSync(artifact) ? artifact : placeOf(`${suite}/a.txt`));
  const bundle = parsed(await readFile(join(own, 'bundle.sigstore.json'), 'utf8'));
  const attestation = v.safeParse(attestationBundleSchema, bundle);
  if (attestation.success) {
    try {
      createBundleVerifier(parsed(trustedRoot.toString())).verifyAttestation(attestation.output);
      return true;
    } catch {
      return false;
    }
  }
  const { messageSignature } = (bundle ?? {}) as { readonly messageSignature?: { readonly signature: string } };
  const verifier = createIdentityVerifier(() => Promise.resolve(trustedRoot), createRecordingLogger());
  return verifier.isSignedBy(beacon, { sig: messageSignature?.signature ?? '', bundle }, bytes);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
