import { win32 } from 'node:path';

import * as v from 'valibot';

import { UpdateError } from '../../../../shared/errors.ts';
import { parseJson } from '../../../../shared/parse-json.ts';
import type { AppFacts, Spawn, SpawnResult } from '../../../ports.ts';
import { isPublisher } from './distinguished-name.ts';
import { runScript } from './powershell.ts';

const script = [
  "$ErrorActionPreference = 'Stop'",
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8',
  '$signature = Get-AuthenticodeSignature -LiteralPath $env:ELECTRON_TUF_FILE',
  '@{ status = [int]$signature.Status; path = [string]$signature.Path; subject = [string]$signature.SignerCertificate.Subject } | ConvertTo-Json -Compress',
].join('; ');

const answerSchema = v.object({ status: v.number(), path: v.string(), subject: v.string() });

/** Time limit in milliseconds. Windows may have to fetch revocation lists. */
const timeoutMs = 60_000;

/**
 * Checks the Authenticode signature of an installer, in addition to TUF metadata and publisher signatures. Every answer
 * other than "valid, this file, this publisher" is a refusal: an error, a time-out, an unreadable answer, another path.
 * @throws UpdateError `INSTALL_VERIFY`
 */
export async function checkAuthenticode(
  spawn: Spawn,
  facts: AppFacts,
  file: string,
  publishers: readonly string[],
): Promise<void> {
  const refusal = signatureRefusal(await ask(spawn, facts, file), file, publishers);
  if (refusal === undefined) return;
  throw new UpdateError(
    'INSTALL_VERIFY',
    `Windows does not confirm that the installer is from ${publishers.join(' or ')} (${refusal}). Nothing was installed. Check for updates again.`,
    { details: { reason: refusal } },
  );
}

type Answer = SpawnResult | 'not started' | 'no answer in time';

async function ask(spawn: Spawn, facts: AppFacts, file: string): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await runScript(spawn, facts, script, { ELECTRON_TUF_FILE: file }, signal);
  } catch {
    // Both cases are refusals. Only the message differs.
    return signal.aborted ? 'no answer in time' : 'not started';
  }
}

/** The reason to refuse the signature; `undefined` if it is valid. Pure. */
export function signatureRefusal(answer: Answer, file: string, publishers: readonly string[]): string | undefined {
  if (typeof answer === 'string') return `PowerShell: ${answer}`;
  if (answer.code !== 0 || answer.stderr.trim() !== '')
    return `PowerShell failed with exit code ${answer.code ?? answer.signal ?? '?'}`;
  const parsed = parseJson(answer.stdout, answerSchema);
  if (parsed === undefined) return 'its answer cannot be read';
  const { status, path, subject } = parsed;
  if (status !== 0) return `signature status ${status}`;
  if (win32.normalize(path) !== win32.normalize(file)) return 'another file was checked';
  return isPublisher(subject, publishers) ? undefined : `it is signed by ${subject}`;
}
