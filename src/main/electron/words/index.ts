import { app } from 'electron';

import { english } from './english.ts';
import { german } from './german.ts';
import { chooseWords, type UpdateStrings, type WordsOptions } from './strings.ts';

/** The words in the user's language. */
export function wordsFor(options: WordsOptions): UpdateStrings {
  return chooseWords(options, userLanguages(), { en: english, de: german });
}

/** BCP 47, the preferred one first. */
export function userLanguages(): readonly string[] {
  return app.getPreferredSystemLanguages();
}
