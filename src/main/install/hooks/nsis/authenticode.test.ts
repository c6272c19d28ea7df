import { describe, expect, it } from 'vitest';

import type { SpawnResult } from '../../../ports.ts';
import { signatureRefusal } from './authenticode.ts';

const file = String.raw`C:\Users\me\50 %TEMP% 'x'\Setup.exe`;
const good = { status: 0, path: file, subject: 'CN=Example' };

function answer(stdout: string, more: Partial<SpawnResult> = {}): SpawnResult {
  return { code: 0, signal: null, stdout, stderr: '', ...more };
}

describe('the Windows signature of an installer', () => {
  it('is valid if Windows confirms this file and this publisher', () => {
    expect(signatureRefusal(answer(JSON.stringify(good)), file, ['Example'])).toBeUndefined();
  });

  it.each<[string, Parameters<typeof signatureRefusal>[0]]>([
    ['no PowerShell', 'not started'],
    ['no answer in time', 'no answer in time'],
    ['an exit code', answer(JSON.stringify(good), { code: 1 })],
    ['a signal', answer(JSON.stringify(good), { code: null, signal: 'SIGTERM' })],
    ['output on stderr', answer(JSON.stringify(good), { stderr: 'Get-AuthenticodeSignature : not found' })],
    ['an empty answer', answer('')],
    ['no JSON', answer('Valid')],
    ['a list', answer(JSON.stringify([good]))],
    ['a status as text', answer(JSON.stringify({ ...good, status: '0' }))],
    ['not signed', answer(JSON.stringify({ ...good, status: 2 }))],
    ['a changed file', answer(JSON.stringify({ ...good, status: 3 }))],
    ['another file', answer(JSON.stringify({ ...good, path: String.raw`C:\Users\me\other.exe` }))],
    ['no path', answer(JSON.stringify({ ...good, path: '' }))],
    ['another publisher', answer(JSON.stringify({ ...good, subject: 'CN=Examples' }))],
    ['no publisher', answer(JSON.stringify({ ...good, subject: '' }))],
  ])('is refused: %s', (_what, said) => {
    expect(signatureRefusal(said, file, ['Example'])).toEqual(expect.any(String));
  });
});
