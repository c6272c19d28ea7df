import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { writeAtomic } from '../files/write-atomic.ts';
import { UpdateError } from '../shared/errors.ts';
import { nativeKinds } from '../shared/artifact-kinds.ts';
import { nativeFiles } from '../shared/native-package.ts';

/** What the root helper's files must know about the app that carries them. */
export interface NativeApp {
  /** Shown when polkit or sudo asks for a password. */
  readonly name: string;
  readonly appId: string;
  readonly version: string;
  /** Absolute directory where the package installs the app, such as `/opt/Notes`. */
  readonly installDirectory: string;
  readonly executable: string;
}

export function isNativePackage(platform: string, targets: readonly string[]): boolean {
  return platform === 'linux' && targets.some((target) => nativeKinds.some((kind) => kind === target));
}

/**
 * Embeds the files that install the next package as root: the helper, a launcher that starts the helper in a clean
 * environment, the installed version, and a polkit action that names only this launcher.
 * @param update `resources/update` of the packed app
 */
export async function embedRootHelper(update: string, app: NativeApp): Promise<void> {
  await writeAtomic(join(update, nativeFiles.helper), await readFile(await findHelper()), { mode: 0o644 });
  await writeAtomic(join(update, nativeFiles.launcher), launcherText(app), { mode: 0o755 });
  await writeAtomic(join(update, nativeFiles.installed), `${JSON.stringify({ schema: 1, version: app.version })}\n`, {
    mode: 0o644,
  });
  await writeAtomic(join(update, `${app.appId}.policy`), policyText(app), { mode: 0o644 });
}

/**
 * Uses absolute paths only and passes on nothing else from the caller's environment, so a link to this script starts
 * the same program. pkexec and sudo name the calling user in a variable.
 */
export function launcherText({ name, installDirectory, executable }: NativeApp): string {
  const runtime = quote(`${installDirectory}/${executable}`);
  const helper = quote(`${installDirectory}/resources/update/${nativeFiles.helper}`);
  return `#!/bin/sh
# Installs a verified update of ${name.replaceAll(/\s+/g, ' ')}. Started by pkexec or sudo with one argument: the directory
# that the app hands over.
exec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \\
  PKEXEC_UID="\${PKEXEC_UID-}" SUDO_UID="\${SUDO_UID-}" ELECTRON_RUN_AS_NODE=1 \\
  ${runtime} ${helper} "$@"
`;
}

/**
 * A polkit action (polkit(8), "Declaring actions"). An administrator's rule can allow this launcher and nothing else.
 */
export function policyText({ name, appId, installDirectory }: NativeApp): string {
  const launcher = `${installDirectory}/resources/update/${nativeFiles.launcher}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/PolicyKit/1.0/policyconfig.dtd">
<policyconfig>
  <action id="${xml(appId)}.install-update">
    <description>Install an update of ${xml(name)}</description>
    <message>Authentication is required to update ${xml(name)}</message>
    <defaults>
      <allow_any>auth_admin</allow_any>
      <allow_inactive>auth_admin</allow_inactive>
      <allow_active>auth_admin</allow_active>
    </defaults>
    <annotate key="org.freedesktop.policykit.exec.path">${xml(launcher)}</annotate>
  </action>
</policyconfig>
`;
}

/** The helper is next to this file in a build, and in `dist/` when this file runs from source. */
async function findHelper(): Promise<string> {
  const places = [import.meta.dirname, join(import.meta.dirname, '../../dist')];
  for (const place of places) {
    const path = join(place, nativeFiles.helper);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) return path;
  }
  throw new UpdateError(
    'OPTIONS_CONFIG_MISSING',
    `${nativeFiles.helper} is missing in ${places[0]}. Reinstall electron-tuf-updater, or build it.`,
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
