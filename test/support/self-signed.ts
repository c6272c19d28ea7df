import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

/**
 * A certificate for 127.0.0.1 that nobody has signed but itself. Needs `openssl`, and `faketime` for one that is not fresh.
 * @param from days from now on which it begins to be valid
 */
export function selfSigned(days = 2, from = 0): Certificate {
  const home = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [key, cert] = [join(home, 'key.pem'), join(home, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const command = ['openssl', ...request, '-days', String(days), '-keyout', key, '-out', cert, ...subject];
    const [program = '', ...args] =
      from === 0 ? command : ['faketime', '-f', `${from < 0 ? '' : '+'}${from}d`, ...command];
    execFileSync(program, args, { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
