/** What the installer that electron-builder makes understands. */
export interface InstallerRun {
  /** No questions, no window. */
  readonly silent: boolean;
  /** Start the app afterwards. */
  readonly start: boolean;
  /** The folder of the installed app. */
  readonly directory: string;
}

/**
 * The arguments of the installer, for a verbatim command line: NSIS wants `/D=` last and unquoted, spaces and all
 * (NSIS manual, 3.2.1 "Common options").
 */
export function installerArguments({ silent, start, directory }: InstallerRun): readonly string[] {
  return ['--updated', ...(silent ? ['/S'] : []), ...(start ? ['--force-run'] : []), `/D=${directory}`];
}

/**
 * One argument as `CommandLineToArgvW` reads it back: quoted, backslashes doubled before a quote and at the end
 * (Microsoft, "Parsing C command-line arguments").
 */
export function quoteArgument(value: string): string {
  return `"${value.replace(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1')}"`;
}
