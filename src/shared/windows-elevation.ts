/** The script's name. It lies beside root.json and update.json in the app's resources, which users of a per-machine installation cannot write. */
export const elevatedScriptName = 'install-elevated.ps1';

/**
 * Runs as administrator in a per-machine installation. Copies the installer to a folder that only administrators can write,
 * verifies that copy, and starts it. So a program of the same user cannot swap the file between its verification and its
 * elevation. Uses only .NET, because the user controls PSModulePath and TEMP.
 */
export const elevatedScript: string = String.raw`param(
  [Parameter(Mandatory = $true)][string]$Installer,
  [Parameter(Mandatory = $true)][ValidatePattern('^[0-9a-f]{64}$')][string]$Sha256,
  [Parameter(Mandatory = $true)][string]$Arguments
)
$ErrorActionPreference = 'Stop'
$env:PSModulePath = ''
$programs = [Environment]::GetFolderPath('ProgramFiles')
$directory = [IO.Path]::Combine($programs, 'update-' + [Guid]::NewGuid().ToString('N'))
[void][IO.Directory]::CreateDirectory($directory)
try {
  $copy = [IO.Path]::Combine($directory, [IO.Path]::GetFileName($Installer))
  [IO.File]::Copy($Installer, $copy)
  $stream = [IO.File]::OpenRead($copy)
  try {
    $digest = [Security.Cryptography.SHA256]::Create().ComputeHash($stream)
  } finally {
    $stream.Dispose()
  }
  $actual = [BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant()
  if ($actual -cne $Sha256) { exit 65 }
  $start = New-Object Diagnostics.ProcessStartInfo
  $start.FileName = $copy
  $start.Arguments = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Arguments))
  $start.UseShellExecute = $false
  $process = [Diagnostics.Process]::Start($start)
  $process.WaitForExit()
  exit $process.ExitCode
} finally {
  [IO.Directory]::Delete($directory, $true)
}
`;
