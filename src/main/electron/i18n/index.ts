import { app } from 'electron';

import { chooseLanguage } from './choose-language.ts';
import { dialogStrings, languages, menuStrings } from './languages.ts';
import type { DialogStrings, MenuStrings, WordsOptions } from './strings.ts';
import { Texts } from './texts.ts';

/** What the menu item says in the user's language, now. */
export function menuTexts({ language, strings }: WordsOptions): Texts<MenuStrings> {
  const choice = chooseLanguage(userLanguages(), languages, language);
  return new Texts({ ...menuStrings[choice.language], ...strings }, choice);
}

/** What the dialogs say in the user's language: only that is loaded. */
export async function loadDialogTexts({ language, strings }: WordsOptions): Promise<Texts<DialogStrings>> {
  const choice = chooseLanguage(userLanguages(), languages, language);
  return new Texts({ ...(await dialogStrings[choice.language]()), ...strings }, choice);
}

/** BCP 47, the preferred one first. */
export function userLanguages(): readonly string[] {
  return app.getPreferredSystemLanguages();
}
