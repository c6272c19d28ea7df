import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { parseJsonText, withoutByteOrderMark } from '../shared/json-text.ts';
import { UpdateError } from '../shared/errors.ts';
import { nativeKinds, type NativeKind } from '../shared/artifact-kinds.ts';
import { nativeFiles, parseInstalledPackage } from '../shared/native-package.ts';
import { trustedRootFile } from '../shared/sigstore-keys.ts';
import { parseUpdateConfig, type UpdateConfig } from '../shared/update-config.ts';

/** The installed package's description of itself, from files that only root can write. */
export interface OwnFiles {
  readonly config: UpdateConfig;
  readonly root: Uint8Array;
  /** `trusted_root.json`, if the package has one. */
  readonly trustedRoot: Uint8Array | undefined;
  readonly kind: NativeKind;
  /** Semver. */
  readonly installed: string;
}

/**
 * Reads the files beside this program, after checking that only root can write them.
 * @param directory `resources/update` of the installed app
 * @param runtime the program that runs this one
 * @throws UpdateError `INSTALL_VERIFY` if others can write one of them, or if its content is unusable
 */
export function readOwnFiles(directory: string, runtime: string): OwnFiles {
  const at = (...names: readonly string[]): string => join(directory, ...names);
  const packageType = at('..', 'package-type');
  const trustedRoot = at(trustedRootFile);
  const hasTrustedRoot = existsSync(trustedRoot);
  const trusted = [...Object.values(nativeFiles), 'root.json', 'update.json'].map((name) => at(name));
  if (hasTrustedRoot) trusted.push(trustedRoot);
  for (const path of [runtime, packageType, ...trusted]) assertRootsAlone(path);
  const kind = nativeKinds.find((known) => known === readFileSync(packageType, 'utf8').trim());
  const installed = parseInstalledPackage(readFileSync(at(nativeFiles.installed), 'utf8'));
  if (kind === undefined || installed === undefined) throw unusable('package-type or installed.json says nothing');
  return {
    config: parseUpdateConfig(parseJsonText(readFileSync(at('update.json'), 'utf8'))),
    root: withoutByteOrderMark(readFileSync(at('root.json'))),
    trustedRoot: hasTrustedRoot ? withoutByteOrderMark(readFileSync(trustedRoot)) : undefined,
    kind,
    installed: installed.version,
  };
}

/**
 * Checks that only root can write or replace a file: it and every directory above it belong to root and are writable by
 * neither group nor others.
 * @throws UpdateError `INSTALL_VERIFY`
 */
function assertRootsAlone(path: string): void {
  let current = realpathSync(path);
  if (!lstatSync(current).isFile()) throw unusable(`${path} is not a file`);
  for (;;) {
    const { uid, mode } = lstatSync(current);
    if (uid !== 0 || (mode & 0o022) !== 0) throw unusable(`${current} can be changed by somebody other than root`);
    if (current === dirname(current)) return;
    current = dirname(current);
  }
}

function unusable(why: string): UpdateError {
  return new UpdateError('INSTALL_VERIFY', `Nothing was installed: ${why}. Reinstall the app with its package.`);
}
