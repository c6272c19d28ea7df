import type { UpdateLanguage } from './strings.ts';

/** A language, and the user's own tag for it, which sets the format of dates and numbers. */
export interface LanguageChoice {
  readonly language: UpdateLanguage;
  /** BCP 47. */
  readonly locale: string;
}

/**
 * The first of the user's languages that is available, or else English. Pure.
 * @param wanted the app's own choice
 */
export function chooseLanguage(
  tags: readonly string[],
  known: readonly UpdateLanguage[],
  wanted: UpdateLanguage | undefined,
): LanguageChoice {
  const choices = tags.map(normalTag).flatMap((locale) => {
    const language = locale === undefined ? undefined : languageOf(locale, known);
    return locale === undefined || language === undefined ? [] : [{ language, locale }];
  });
  const choice = choices.find(({ language }) => wanted === undefined || language === wanted);
  const language = wanted ?? 'en';
  return choice ?? { language, locale: language };
}

/** Other tags of available languages. */
const aliases: Readonly<Record<string, UpdateLanguage>> = { no: 'nb', nn: 'nb', iw: 'he', in: 'id' };

function languageOf(tag: string, known: readonly UpdateLanguage[]): UpdateLanguage | undefined {
  const [language = '', ...rest] = tag.toLowerCase().split('-');
  if (language === 'zh') return writesTraditional(rest) ? 'zh-Hant' : 'zh-Hans';
  if (language === 'pt') return rest.length === 0 || rest.includes('br') ? 'pt-BR' : 'pt-PT';
  return aliases[language] ?? known.find((one) => one === language);
}

function writesTraditional(subtags: readonly string[]): boolean {
  if (subtags.includes('hans')) return false;
  return subtags.some((subtag) => ['hant', 'tw', 'hk', 'mo'].includes(subtag));
}

/** Converts a tag for `Intl`. Linux reports tags such as `de_AT.UTF-8` and `C`. */
function normalTag(language: string): string | undefined {
  const tag = language.split(/[.@]/)[0]?.replaceAll('_', '-') ?? '';
  return /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag) ? tag : undefined;
}

/** The language subtag of a tag. */
export function primary(tag: string): string {
  return tag.toLowerCase().split(/[-_.@]/)[0] ?? '';
}
