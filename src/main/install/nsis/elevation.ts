import { win32 } from 'node:path';

import { elevatedScriptName } from '../../../shared/windows-elevation.ts';
import type { AppFacts, Spawn } from '../../ports.ts';
import { quoteArgument } from './command-line.ts';
import { powershellPath, runScript } from './powershell.ts';

/** Asks for the elevation and returns once it was given or refused; it does not wait for the installer. */
const script =
  "$ErrorActionPreference = 'Stop'; Start-Process -Verb RunAs -WindowStyle Hidden -FilePath $env:ELECTRON_TUF_PROGRAM -ArgumentList $env:ELECTRON_TUF_ARGUMENTS";

/**
 * Starts the installer as administrator through the script in the app's own resources, which users can not write in a
 * per-machine installation. Resolves `false` when the person said no, or Windows did.
 */
export async function startElevated(
  spawn: Spawn,
  facts: AppFacts,
  installer: { readonly path: string; readonly sha256: string; readonly args: readonly string[] },
): Promise<boolean> {
  const { code } = await runScript(spawn, facts, script, {
    ELECTRON_TUF_PROGRAM: powershellPath(facts),
    ELECTRON_TUF_ARGUMENTS: elevatedArguments(facts, installer),
  });
  return code === 0;
}

/** The command line of the elevated PowerShell. Pure. */
export function elevatedArguments(
  { resourcesPath }: AppFacts,
  { path, sha256, args }: { readonly path: string; readonly sha256: string; readonly args: readonly string[] },
): string {
  return [
    '-NoProfile -NonInteractive -ExecutionPolicy Bypass -WindowStyle Hidden -File',
    quoteArgument(win32.join(resourcesPath, 'update', elevatedScriptName)),
    '-Installer',
    quoteArgument(path),
    '-Sha256',
    sha256,
    '-Arguments',
    Buffer.from(args.join(' '), 'utf8').toString('base64'),
  ].join(' ');
}
