import type { ExplanationTexts } from '../../../shared/explanation.ts';

/** The plural forms of a text, by the plural categories of its language (CLDR). `{count}` selects the form. */
export type PluralForms = { readonly other: string } & {
  readonly [category in Exclude<Intl.LDMLPluralRule, 'other'>]?: string;
};

/** Texts of the menu item. All languages are loaded, because an app needs them synchronously to build its menu. */
export interface MenuStrings {
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
}

/** Texts of the standard dialogs. One language is loaded with the first dialog. */
export interface DialogStrings extends ExplanationTexts {
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
  /** `{count}` is the number of days. */
  readonly staleDetail: string | PluralForms;
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

/**
 * The texts of the menu item and of the standard dialogs. `{version}`, `{current}`, `{size}`, `{percent}` … are
 * placeholders for values. A text may omit them.
 */
export interface UpdateStrings extends MenuStrings, DialogStrings {}

export interface WordsOptions {
  /** @defaultValue the first of the user's languages that is available, or else English */
  readonly language?: UpdateLanguage;
  /** Texts to replace, or texts in another language. @defaultValue none */
  readonly strings?: Partial<UpdateStrings>;
}

/** The languages of the menu item and the standard dialogs (BCP 47). */
export type UpdateLanguage =
  | 'ar'
  | 'cs'
  | 'da'
  | 'de'
  | 'el'
  | 'en'
  | 'es'
  | 'fa'
  | 'fi'
  | 'fr'
  | 'he'
  | 'hu'
  | 'id'
  | 'it'
  | 'ja'
  | 'ko'
  | 'nb'
  | 'nl'
  | 'pl'
  | 'pt-BR'
  | 'pt-PT'
  | 'ro'
  | 'ru'
  | 'sk'
  | 'sv'
  | 'tr'
  | 'uk'
  | 'vi'
  | 'zh-Hans'
  | 'zh-Hant';
