/** How to run an installer that electron-builder made. */
export interface InstallerRun {
  /** Asks no questions and shows no window. */
  readonly silent: boolean;
  /** Starts the app afterwards. */
  readonly start: boolean;
  /** The folder of the installed app. */
  readonly directory: string;
}

/**
 * The arguments of the installer, for a verbatim command line. `/D=` must come last and unquoted, even if the path
 * contains spaces (NSIS manual, 3.2.1 "Common options").
 */
export function installerArguments({ silent, start, directory }: InstallerRun): readonly string[] {
  return ['--updated', ...(silent ? ['/S'] : []), ...(start ? ['--force-run'] : []), `/D=${directory}`];
}

/**
 * Quotes one argument for `CommandLineToArgvW`: in quotation marks, with backslashes doubled before a quotation mark
 * and at the end (Microsoft, "Parsing C command-line arguments").
 */
export function quoteArgument(value: string): string {
  return `"${value.replace(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1')}"`;
}
