import type { DialogStrings, MenuStrings, UpdateLanguage } from './strings.ts';
import { menu as ar } from './ar/menu.ts';
import { menu as cs } from './cs/menu.ts';
import { menu as da } from './da/menu.ts';
import { menu as de } from './de/menu.ts';
import { menu as el } from './el/menu.ts';
import { menu as en } from './en/menu.ts';
import { menu as es } from './es/menu.ts';
import { menu as fa } from './fa/menu.ts';
import { menu as fi } from './fi/menu.ts';
import { menu as fr } from './fr/menu.ts';
import { menu as he } from './he/menu.ts';
import { menu as hu } from './hu/menu.ts';
import { menu as id } from './id/menu.ts';
import { menu as it } from './it/menu.ts';
import { menu as ja } from './ja/menu.ts';
import { menu as ko } from './ko/menu.ts';
import { menu as nb } from './nb/menu.ts';
import { menu as nl } from './nl/menu.ts';
import { menu as pl } from './pl/menu.ts';
import { menu as ptBR } from './pt-BR/menu.ts';
import { menu as ptPT } from './pt-PT/menu.ts';
import { menu as ro } from './ro/menu.ts';
import { menu as ru } from './ru/menu.ts';
import { menu as sk } from './sk/menu.ts';
import { menu as sv } from './sv/menu.ts';
import { menu as tr } from './tr/menu.ts';
import { menu as uk } from './uk/menu.ts';
import { menu as vi } from './vi/menu.ts';
import { menu as zhHans } from './zh-Hans/menu.ts';
import { menu as zhHant } from './zh-Hant/menu.ts';

/** The menu texts in all languages. They are few, and an app needs them synchronously to build its menu. */
export const menuStrings: Readonly<Record<UpdateLanguage, MenuStrings>> = {
  ar,
  cs,
  da,
  de,
  el,
  en,
  es,
  fa,
  fi,
  fr,
  he,
  hu,
  id,
  it,
  ja,
  ko,
  nb,
  nl,
  pl,
  'pt-BR': ptBR,
  'pt-PT': ptPT,
  ro,
  ru,
  sk,
  sv,
  tr,
  uk,
  vi,
  'zh-Hans': zhHans,
  'zh-Hant': zhHant,
};

/** The dialog texts. Only the language that is shown is loaded. */
export const dialogStrings: Readonly<Record<UpdateLanguage, () => Promise<DialogStrings>>> = {
  ar: async () => (await import('./ar/dialogs.ts')).dialogs,
  cs: async () => (await import('./cs/dialogs.ts')).dialogs,
  da: async () => (await import('./da/dialogs.ts')).dialogs,
  de: async () => (await import('./de/dialogs.ts')).dialogs,
  el: async () => (await import('./el/dialogs.ts')).dialogs,
  en: async () => (await import('./en/dialogs.ts')).dialogs,
  es: async () => (await import('./es/dialogs.ts')).dialogs,
  fa: async () => (await import('./fa/dialogs.ts')).dialogs,
  fi: async () => (await import('./fi/dialogs.ts')).dialogs,
  fr: async () => (await import('./fr/dialogs.ts')).dialogs,
  he: async () => (await import('./he/dialogs.ts')).dialogs,
  hu: async () => (await import('./hu/dialogs.ts')).dialogs,
  id: async () => (await import('./id/dialogs.ts')).dialogs,
  it: async () => (await import('./it/dialogs.ts')).dialogs,
  ja: async () => (await import('./ja/dialogs.ts')).dialogs,
  ko: async () => (await import('./ko/dialogs.ts')).dialogs,
  nb: async () => (await import('./nb/dialogs.ts')).dialogs,
  nl: async () => (await import('./nl/dialogs.ts')).dialogs,
  pl: async () => (await import('./pl/dialogs.ts')).dialogs,
  'pt-BR': async () => (await import('./pt-BR/dialogs.ts')).dialogs,
  'pt-PT': async () => (await import('./pt-PT/dialogs.ts')).dialogs,
  ro: async () => (await import('./ro/dialogs.ts')).dialogs,
  ru: async () => (await import('./ru/dialogs.ts')).dialogs,
  sk: async () => (await import('./sk/dialogs.ts')).dialogs,
  sv: async () => (await import('./sv/dialogs.ts')).dialogs,
  tr: async () => (await import('./tr/dialogs.ts')).dialogs,
  uk: async () => (await import('./uk/dialogs.ts')).dialogs,
  vi: async () => (await import('./vi/dialogs.ts')).dialogs,
  'zh-Hans': async () => (await import('./zh-Hans/dialogs.ts')).dialogs,
  'zh-Hant': async () => (await import('./zh-Hant/dialogs.ts')).dialogs,
};

export const languages: readonly UpdateLanguage[] = Object.keys(menuStrings) as UpdateLanguage[];
