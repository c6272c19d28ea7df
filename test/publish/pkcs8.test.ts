import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { encryptPkcs8 } from '../../src/publish/keys/encrypt-pkcs8.ts';
import { requires } from '../support/requires.ts';

describe('an encrypted key, as OpenSSL sees it', requires('openssl'), () => {
  const der = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' });
  const openssl = (input: string, ...args: readonly string[]): Buffer => execFileSync('openssl', [...args], { input });

  it('opens with its passphrase and contains the same key', async () => {
    const pem = await encryptPkcs8(der, 'pass phrase');
    expect(openssl(pem, 'pkey', '-passin', 'pass:pass phrase', '-outform', 'der')).toEqual(der);
  });

  it('is protected by 600,000 rounds of PBKDF2-HMAC-SHA256', async () => {
    const structure = openssl(await encryptPkcs8(der, 'pass phrase'), 'asn1parse').toString();
    const found = structure.match(/OBJECT +:\S+|INTEGER +:\S+/g)?.map((line) => line.replace(/.*:/, ''));
    expect(found).toEqual(['PBES2', 'PBKDF2', '0927C0', 'hmacWithSHA256', 'aes-256-cbc']);
  });
});
