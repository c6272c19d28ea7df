import type { ExplanationTexts } from '../../../shared/explanation.ts';

/** A text by the plural categories of its language, chosen by `{count}`. */
export type PluralForms = { readonly other: string } & {
  readonly [category in Exclude<Intl.LDMLPluralRule, 'other'>]?: string;
};

/** What the menu item says: needed when a menu is built, so it is loaded in every language. */
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

/** What the standard dialogs say: loaded with the first dialog, in one language. */
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
  /** By the days that passed, `{count}`. */
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
 * The words of the menu item and of the standard dialogs. `{version}`, `{current}`, `{size}`, `{percent}` … stand for
 * values; a text may leave them out.
 */
export interface UpdateStrings extends MenuStrings, DialogStrings {}

export interface WordsOptions {
  /** @defaultValue the first of the user's languages that there is, else English */
  readonly language?: UpdateLanguage;
  /** Texts to say otherwise, or in another language. */
  readonly strings?: Partial<UpdateStrings>;
}

/** The languages that the menu item and the standard dialogs speak. */
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
