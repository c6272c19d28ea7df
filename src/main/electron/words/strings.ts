/**
 * The words of the menu item and of the standard dialogs. `{version}`, `{current}`, `{size}`, `{percent}` … stand for
 * values; a text may leave them out.
 */
export interface UpdateStrings {
  readonly menuCheck: string;
  readonly menuChecking: string;
  readonly menuDownload: string;
  readonly menuDownloading: string;
  readonly menuPaused: string;
  readonly menuVerifying: string;
  readonly menuRestart: string;
  readonly menuInstalling: string;
  readonly menuRetry: string;
  readonly menuOff: string;

  readonly available: string;
  readonly availableCritical: string;
  readonly availableDetail: string;
  readonly upToDate: string;
  readonly upToDateDetail: string;
  readonly staged: string;
  readonly stagedDetail: string;
  readonly failed: string;
  readonly reasonOffline: string;
  readonly reasonServer: string;
  readonly reasonClock: string;
  readonly reasonDisk: string;
  readonly reasonUntrusted: string;
  readonly reasonPermission: string;
  readonly reasonOther: string;
  readonly attention: string;
  readonly rolledBack: string;
  readonly rolledBackDetail: string;
  readonly off: string;
  readonly stale: string;
  readonly staleDetail: string;
  readonly downgrade: string;
  readonly downgradeDetail: string;

  readonly download: string;
  readonly later: string;
  readonly skip: string;
  readonly restart: string;
  readonly onQuit: string;
  readonly retry: string;
  readonly close: string;
  readonly ok: string;
  readonly downgradeYes: string;
  readonly downgradeNo: string;
}

export type UpdateLanguage = 'en' | 'de';

export interface WordsOptions {
  /** @defaultValue the first of the user's languages that there is, else English */
  readonly language?: UpdateLanguage;
  /** Texts to say otherwise, or in another language. */
  readonly strings?: Partial<UpdateStrings>;
}

/** Pure. `languages` are BCP 47 tags, the preferred one first. */
export function chooseWords(
  options: WordsOptions,
  languages: readonly string[],
  all: Readonly<Record<UpdateLanguage, UpdateStrings>>,
): UpdateStrings {
  const known = languages.map(primary).find((language): language is UpdateLanguage => Object.hasOwn(all, language));
  return { ...all[options.language ?? known ?? 'en'], ...options.strings };
}

/** `{name}` becomes the value of that name. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/** The language of a tag; Linux writes `de_AT.UTF-8`. */
export function primary(tag: string): string {
  return tag.toLowerCase().split(/[-_.@]/)[0] ?? '';
}
