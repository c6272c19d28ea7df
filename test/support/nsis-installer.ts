import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Makes a 64-bit NSIS installer (wine64 runs no others) that writes `version.txt` and its own command line into the
 * folder it installs to.
 */
export async function makeInstaller(directory: string, name: string, version: string): Promise<string> {
  const script = join(directory, `${version}.nsi`);
  const installer = join(directory, name);
  await writeFile(
    script,
    `Target amd64-unicode
Unicode true
Name "Notes"
OutFile "${installer}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\\Programs\\Notes"
Section
  SetOutPath "$INSTDIR"
  FileOpen $0 "$INSTDIR\\version.txt" w
  FileWrite $0 "${version}"
  FileClose $0
  FileOpen $0 "$INSTDIR\\command-line.txt" w
  FileWrite $0 "$CMDLINE"
  FileClose $0
SectionEnd
`,
  );
  await promisify(execFile)('makensis', ['-V1', script]);
  return installer;
}
