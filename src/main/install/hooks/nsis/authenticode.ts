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

/** Milliseconds that the check may take; revocation lists may have to be fetched. */
const timeoutMs = 60_000;

/**
 * The publisher's Windows signature, on top of the two locks. Whatever is not a clear "valid, this file, this publisher"
 * is a refusal: an error, a time-out, an empty or unreadable answer, another path.
 * @throws UpdateError `INSTALL_VERIFY`
 */
export async function checkAuthenticode(
  spawn: Spawn,
  facts: AppFacts,
  file: string,
  publishers: readonly string[],
): Promise<void> {
  const refusal = judge(await ask(spawn, facts, file), file, publishers);
  if (refusal === undefined) return;
  throw new UpdateError(
    'INSTALL_VERIFY',
    `Windows does not confirm that the installer is from ${publishers.join(' or ')} (${refusal}). Nothing was installed; check for updates again.`,
    { details: { reason: refusal } },
  );
}

type Answer = SpawnResult | 'not started' | 'no answer in time';

async function ask(spawn: Spawn, facts: AppFacts, file: string): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await runScript(spawn, facts, script, { ELECTRON_TUF_FILE: file }, signal);
  } catch {
    // Which of the two makes no difference to the verdict, only to its words.
    return signal.aborted ? 'no answer in time' : 'not started';
  }
}

/** Why the signature is refused; `undefined` when it is good. Pure. */
export function judge(answer: Answer, file: string, publishers: readonly string[]): string | undefined {
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
