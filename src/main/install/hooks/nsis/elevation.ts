import { win32 } from 'node:path';

import { elevatedScriptName } from '../../../../shared/windows-elevation.ts';
import type { AppFacts, Spawn } from '../../../ports.ts';
import { quoteArgument } from './command-line.ts';
import { powershellPath, runScript } from './powershell.ts';

/** Asks for the elevation and returns once it was given or refused; it does not wait for the installer. */
const script =
  "$ErrorActionPreference = 'Stop'; Start-Process -Verb RunAs -WindowStyle Hidden -FilePath $env:ELECTRON_TUF_PROGRAM -ArgumentList $env:ELECTRON_TUF_ARGUMENTS";

export interface ElevatedInstaller {
  readonly path: string;
  readonly sha256: string;
  readonly args: readonly string[];
  /**
   * May the app's folder be written without an administrator? Then so may its script: an administrator would run what
   * any program of the user put there, so Windows is asked to elevate the installer itself, whose signer it shows.
   */
  readonly isHomeWritable: boolean;
}

/**
 * Starts the installer as administrator: where users cannot write the app's folder, through the script in its resources,
 * which copies and hashes the installer once more. Resolves `false` when the person said no, or Windows did.
 */
export async function startElevated(spawn: Spawn, facts: AppFacts, installer: ElevatedInstaller): Promise<boolean> {
  const [program, commandLine] = installer.isHomeWritable
    ? [installer.path, installer.args.join(' ')]
    : [powershellPath(facts), scriptArguments(facts, installer)];
  const { code } = await runScript(spawn, facts, script, {
    ELECTRON_TUF_PROGRAM: program,
    ELECTRON_TUF_ARGUMENTS: commandLine,
  });
  return code === 0;
}

/** The command line of the elevated PowerShell. Pure. */
function scriptArguments({ resourcesPath }: AppFacts, { path, sha256, args }: ElevatedInstaller): string {
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
