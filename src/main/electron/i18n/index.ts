import { app } from 'electron';

import { chooseLanguage } from './choose-language.ts';
import { dialogStrings, languages, menuStrings } from './languages.ts';
import type { DialogStrings, MenuStrings, WordsOptions } from './strings.ts';
import { Texts } from './texts.ts';

/** The texts of the menu item in the user's current language. */
export function menuTexts({ language, strings }: WordsOptions): Texts<MenuStrings> {
  const choice = chooseLanguage(userLanguages(), languages, language);
  return new Texts({ ...menuStrings[choice.language], ...strings }, choice);
}

/** Loads the texts of the dialogs in the user's language, and no others. */
export async function loadDialogTexts({ language, strings }: WordsOptions): Promise<Texts<DialogStrings>> {
  const choice = chooseLanguage(userLanguages(), languages, language);
  return new Texts({ ...(await dialogStrings[choice.language]()), ...strings }, choice);
}

/** BCP 47 tags of the user's languages, the preferred one first. */
export function userLanguages(): readonly string[] {
  return app.getPreferredSystemLanguages();
}
