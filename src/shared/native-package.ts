import * as v from 'valibot';

import { parseJson } from './parse-json.ts';
import { type Arch, arches } from './platform-target.ts';

/**
 * The files of a deb, rpm or pacman package in `resources/update/`, beside `root.json` and `update.json`: the program that
 * installs the next package as root. Installed, all of them belong to root.
 */
export const nativeFiles = {
  /** The shell script that pkexec or sudo starts. It clears the environment and starts {@link nativeFiles.helper}. */
  launcher: 'install-update',
  helper: 'root-helper.mjs',
  /** {@link InstalledPackage} */
  installed: 'installed.json',
} as const;

/** The installed version, in a file that only root can write. */
export interface InstalledPackage {
  readonly schema: 1;
  /** Semver. */
  readonly version: string;
}

/** Files in the directory that the app hands over to the root helper, which trusts them only after verification. */
export const handOverFiles = { request: 'request.json', artifact: 'artifact', trust: 'trust' } as const;

/** The requested release. Contains no hash, no command and no URL. */
export interface HandOverRequest {
  readonly schema: 1;
  readonly channel: string;
  /** The architecture of the release index. */
  readonly arch: Arch;
  readonly version: string;
}

/** The line of JSON that the root helper prints. */
export type HandOverResult =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The root helper's directory for its lock, its trust store and the last two packages. It has a directory for each app id. */
export const rootStateDirectory = '/var/lib/electron-tuf-updater';

const installedSchema: v.GenericSchema<unknown, InstalledPackage> = v.object({
  schema: v.literal(1),
  version: v.string(),
});
const requestSchema: v.GenericSchema<unknown, HandOverRequest> = v.object({
  schema: v.literal(1),
  channel: v.string(),
  arch: v.picklist(arches),
  version: v.pipe(v.string(), v.maxLength(64)),
});
const resultSchema: v.GenericSchema<unknown, HandOverResult> = v.variant('ok', [
  v.object({ ok: v.literal(true), version: v.string() }),
  v.object({ ok: v.literal(false), code: v.string(), message: v.string() }),
]);

export function parseInstalledPackage(text: string): InstalledPackage | undefined {
  return parseJson(text, installedSchema);
}

export function parseHandOverRequest(text: string): HandOverRequest | undefined {
  return parseJson(text, requestSchema);
}

/** Parses the last line of the root helper's output. */
export function parseHandOverResult(output: string): HandOverResult | undefined {
  return parseJson(output.trimEnd().split('\n').at(-1) ?? '', resultSchema);
}

/** The root helper's directory of the last two installed packages, named `<version>.<kind>`, for a manual rollback. */
export function keptPackages(app: string): string {
  return `${rootStateDirectory}/${app}/packages`;
}
