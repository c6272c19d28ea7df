import type { Finding } from '../../src/publish/doctor/checks/finding.ts';

/** What is wrong, and how much; nothing when all is well. Every such finding must say what to do. */
export function bad(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, about, text, advice }) => {
      if (advice === undefined || advice === '') throw new Error(`No advice: ${text}`);
      return `${level} ${about}: ${text}`;
    });
}
