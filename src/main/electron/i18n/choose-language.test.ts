import { expect, it } from 'vitest';

import { chooseLanguage } from './choose-language.ts';
import { languages } from './languages.ts';
import type { UpdateLanguage } from './strings.ts';

it.each<[readonly string[], language: UpdateLanguage, locale: string]>([
  [['de-AT'], 'de', 'de-AT'],
  [['de_CH.UTF-8'], 'de', 'de-CH'],
  [['is-IS', 'da-DK', 'en'], 'da', 'da-DK'],
  [['C'], 'en', 'en'],
  [[], 'en', 'en'],
  [['zh-Hans-CN'], 'zh-Hans', 'zh-Hans-CN'],
  [['zh-CN'], 'zh-Hans', 'zh-CN'],
  [['zh'], 'zh-Hans', 'zh'],
  [['zh-TW'], 'zh-Hant', 'zh-TW'],
  [['zh-Hant-HK'], 'zh-Hant', 'zh-Hant-HK'],
  [['zh-Hans-HK'], 'zh-Hans', 'zh-Hans-HK'],
  [['pt'], 'pt-BR', 'pt'],
  [['pt-BR'], 'pt-BR', 'pt-BR'],
  [['pt-AO'], 'pt-PT', 'pt-AO'],
  [['nn-NO'], 'nb', 'nn-NO'],
  [['no'], 'nb', 'no'],
  [['iw'], 'he', 'iw'],
])('chooses for %j: %s', (tags, language, locale) => {
  expect(chooseLanguage(tags, languages, undefined)).toEqual({ language, locale });
});

it('chooses the language that the app sets, with the region of the user if they speak it', () => {
  const choose = (tags: readonly string[]): unknown => chooseLanguage(tags, languages, 'fr');
  expect({ theirs: choose(['de', 'fr-CA']), other: choose(['de']) }).toEqual({
    theirs: { language: 'fr', locale: 'fr-CA' },
    other: { language: 'fr', locale: 'fr' },
  });
});
