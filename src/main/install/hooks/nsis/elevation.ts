import { win32 } from 'node:path';

import { elevatedScriptName } from '../../../../shared/windows-elevation.ts';
import type { AppFacts, Spawn } from '../../../ports.ts';
import { quoteArgument } from './command-line.ts';
import { powershellPath, runScript } from './powershell.ts';

/** Requests elevation and ends once it was given or refused. Does not wait for the installer. */
const script =
  "$ErrorActionPreference = 'Stop'; Start-Process -Verb RunAs -WindowStyle Hidden -FilePath $env:ELECTRON_TUF_PROGRAM -ArgumentList $env:ELECTRON_TUF_ARGUMENTS";

export interface ElevatedInstaller {
  readonly path: string;
  readonly sha256: string;
  readonly args: readonly string[];
  /**
   * True if the app's folder can be written without an administrator. Any program of the user could then replace the
   * script in it, so Windows elevates the installer itself and shows its signer.
   */
  readonly isHomeWritable: boolean;
}

/**
 * Starts the installer as administrator. If users cannot write the app's folder, this goes through the script in its
 * resources, which copies and hashes the installer again. Resolves `false` if the user or Windows refused.
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
