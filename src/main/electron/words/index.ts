import { app } from 'electron';

import { english } from './english.ts';
import { german } from './german.ts';
import { chooseWords, type UpdateStrings, type WordsOptions } from './strings.ts';

/** The words in the user's language. Before the app is ready the system's languages can not be told: then English. */
export function wordsFor(options: WordsOptions): UpdateStrings {
  return chooseWords(options, userLanguages(), { en: english, de: german });
}

/** BCP 47, the preferred one first. */
export function userLanguages(): readonly string[] {
  return app.isReady() ? app.getPreferredSystemLanguages() : [];
}
