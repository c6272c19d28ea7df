import type { UpdateConfig } from '../../../shared/update-config.ts';
import { type Finding, findingsAbout } from './finding.ts';

/** What doctor can read of a publisher key file without its passphrase. */
export interface KeyFileFacts {
  readonly file: string;
  /** From the `.pub.json` beside it. */
  readonly keyid?: string;
  /** Why doctor could not read it. */
  readonly message?: string;
  readonly encrypted: boolean;
  readonly readableByOthers: boolean;
}

/** @param files the files of `--key`; an empty list is no error */
export function checkPublisherKeys(
  publisher: UpdateConfig['publisher'],
  files: readonly KeyFileFacts[],
): readonly Finding[] {
  const about = findingsAbout('Publisher keys');
  if (publisher === 'none') {
    return [
      about.warn(
        "none: anyone with RSTUF's online key or access to its API can release to your users.",
        'Make keys with "electron-tuf keygen", and name them to "electron-tuf init". See docs/trust.md.',
      ),
    ];
  }
  const { threshold, keys, revision } = publisher;
  const set = `${threshold} of ${keys.length} must sign a release (set ${revision})`;
  const findings = [
    keys.length > threshold
      ? about.ok(set)
      : about.warn(
          `${set}: when one is lost, installed apps get no more updates.`,
          'Make a spare key with "electron-tuf keygen", keep it elsewhere, and run "electron-tuf init" with all public keys.',
        ),
  ];
  if (files.length === 0) return findings;
  const known = new Set(keys.map(({ keyid }) => keyid));
  const usable = new Set(files.flatMap(({ keyid }) => (keyid !== undefined && known.has(keyid) ? [keyid] : [])));
  return [
    ...findings,
    ...files.flatMap((file) => checkFile(file, known)),
    usable.size >= threshold
      ? about.ok(`${usable.size} of the given files can sign`)
      : about.warn(
          `${usable.size} of the given files can sign, and ${threshold} must.`,
          'Prepare the release with "publish --prepare", and let the others run "electron-tuf sign".',
        ),
  ];
}

function checkFile(
  { file, keyid, message, encrypted, readableByOthers }: KeyFileFacts,
  known: ReadonlySet<string>,
): readonly Finding[] {
  const about = findingsAbout(file);
  if (message !== undefined) return [about.fail(message, 'Give the .pem that "electron-tuf keygen" wrote.')];
  const findings: Finding[] = [];
  if (keyid === undefined) {
    findings.push(
      about.warn('Whose it is cannot be seen: its .pub.json is not beside it.', 'Put the .pub.json beside the key.'),
    );
  } else if (!known.has(keyid)) {
    findings.push(about.fail('It is not among the keys of update.json.', 'Take the right key, or run "init" again.'));
  }
  if (!encrypted) {
    findings.push(
      about.fail('It is not encrypted, and is refused.', 'Encrypt it: openssl pkcs8 -topk8 -v2 aes-256-cbc.'),
    );
  }
  if (readableByOthers) findings.push(about.warn('Other users of this machine can read it.', `chmod 600 ${file}`));
  return findings;
}
