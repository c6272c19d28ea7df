import { describe, expect, it } from 'vitest';

import { dialogs as english } from './en/dialogs.ts';
import { menu as englishMenu } from './en/menu.ts';
import { dialogStrings, languages, menuStrings } from './languages.ts';
import type { DialogStrings, MenuStrings, PluralForms } from './strings.ts';

type Strings = Readonly<Record<string, string | PluralForms>>;

/** Width of a text in columns. Chinese, Japanese and Korean characters are twice as wide as Latin ones. */
function width(text: string): number {
  const wide = text.match(/[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60]/g) ?? [];
  return [...new Intl.Segmenter().segment(text)].length + wide.length;
}

/** Maximum width of each kind of text in columns, including placeholders. */
const longest = { button: 28, menu: 48, message: 112, detail: 240 } as const;
const buttons = new Set<string>([
  'download',
  'later',
  'skip',
  'restart',
  'onQuit',
  'retry',
  'close',
  'ok',
  'downgradeYes',
  'downgradeNo',
] satisfies (keyof DialogStrings)[]);
const messages = new Set<string>([
  'available',
  'availableCritical',
  'upToDate',
  'staged',
  'failed',
  'attention',
  'rolledBack',
  'off',
  'stale',
  'downgrade',
] satisfies (keyof DialogStrings)[]);

function limitOf(key: string): number {
  if (key in englishMenu) return longest.menu;
  if (buttons.has(key)) return longest.button;
  return messages.has(key) ? longest.message : longest.detail;
}

function formsOf(text: string | PluralForms): readonly string[] {
  return typeof text === 'string' ? [text] : Object.values(text);
}

function placeholders(strings: Strings): Readonly<Record<string, readonly string[]>> {
  const found = ([key, text]: readonly [string, string | PluralForms]): readonly [string, readonly string[]] => [
    key,
    [...new Set(formsOf(text).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].toSorted(),
  ];
  return Object.fromEntries(Object.entries(strings).map(found));
}

async function stringsOf(language: keyof typeof menuStrings): Promise<Strings> {
  return { ...menuStrings[language], ...(await dialogStrings[language]()) };
}

const inEnglish: MenuStrings & DialogStrings = { ...englishMenu, ...english };

it('does not compile a language that lacks a text', () => {
  const { ok, ...rest } = english;
  // @ts-expect-error `ok` is missing
  const incomplete: DialogStrings = rest;
  expect({ ...incomplete, ok }).toEqual(english);
});

it('includes at least 24 languages and one that is written from right to left', () => {
  expect(languages.length).toBeGreaterThanOrEqual(24);
  expect(languages).toContain('ar');
});

describe.each(languages)('%s', (language) => {
  it('has every text, with the same placeholders as in English', async () => {
    expect(placeholders(await stringsOf(language))).toEqual(placeholders({ ...inEnglish }));
  });

  it('has exactly the plural forms of its language', async () => {
    const plurals = Object.entries(await stringsOf(language)).filter(([, text]) => typeof text !== 'string');
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    expect(Object.fromEntries(plurals.map(([key, forms]) => [key, Object.keys(forms).toSorted()]))).toEqual({
      staleDetail: categories,
    });
  });

  it('is short enough for menus, buttons and dialogs', async () => {
    const tooLong = Object.entries(await stringsOf(language)).flatMap(([key, text]) =>
      formsOf(text).flatMap((form) => (width(form) > limitOf(key) ? [`${key} (${width(form)}): ${form}`] : [])),
    );
    expect(tooLong).toEqual([]);
  });

  it('is translated, tidy, and free of direction marks, which are added when a text is shown', async () => {
    const strings = await stringsOf(language);
    const texts = Object.values(strings).flatMap(formsOf);
    const same = Object.entries(strings).filter(([key, text]) => text === (inEnglish as never)[key] && key !== 'ok');
    expect({
      untidy: texts.filter((text) => text.trim() !== text || /  |\.\.\.|[\u200E\u200F\u2066-\u2069]/.test(text)),
      // Some languages, such as Danish and Dutch, share a few words with English.
      untranslated: language === 'en' || same.length <= 3 ? [] : same,
    }).toEqual({ untidy: [], untranslated: [] });
  });
});
