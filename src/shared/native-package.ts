import * as v from 'valibot';

import { parseJson } from './parse-json.ts';
import { type Arch, arches } from './platform-target.ts';

/**
 * What a deb, rpm or pacman package of an app carries beside `root.json` and `update.json`, in `resources/update/`: the
 * program that installs the next package as root. All of it belongs to root once it is installed.
 */
export const nativeFiles = {
  /** The shell script that pkexec or sudo starts: it clears the environment and starts {@link nativeFiles.helper}. */
  launcher: 'install-update',
  helper: 'root-helper.mjs',
  /** {@link InstalledPackage} */
  installed: 'installed.json',
} as const;

/** Says which version is installed, where only root can write it. */
export interface InstalledPackage {
  readonly schema: 1;
  /** Semver. */
  readonly version: string;
}

/** Files of the directory that the app hands to the root side. Everything in it is believed only after verification. */
export const handOverFiles = { request: 'request.json', artifact: 'artifact', trust: 'trust' } as const;

/** Which release is meant. Facts only: no hash, no command, no URL. */
export interface HandOverRequest {
  readonly schema: 1;
  readonly channel: string;
  /** The architecture of the release index. */
  readonly arch: Arch;
  readonly version: string;
}

/** The one line of JSON that the root side prints. */
export type HandOverResult =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Where the root side keeps its lock, its memory and the last two packages; `<app id>` is a directory in it. */
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

/** Reads the last line of what the root side printed. */
export function parseHandOverResult(output: string): HandOverResult | undefined {
  return parseJson(output.trimEnd().split('\n').at(-1) ?? '', resultSchema);
}

/** Where the root side keeps the last two packages that it installed, as `<version>.<kind>`: the way back. */
export function keptPackages(app: string): string {
  return `${rootStateDirectory}/${app}/packages`;
}
