import { expect, it } from 'vitest';

import { dialogStrings } from './languages.ts';
import type { UpdateLanguage } from './strings.ts';
import { Texts } from './texts.ts';

const textsIn = async (language: UpdateLanguage) =>
  new Texts(await dialogStrings[language](), { language, locale: language });

it.each<[UpdateLanguage, number, string]>([
  ['en', 1, 'There has been no fresh news from the update server for 1 day, since May.'],
  ['en', 2, 'There has been no fresh news from the update server for 2 days, since May.'],
  ['ru', 21, 'Уже 21 день нет вестей от сервера обновлений (с May).'],
  ['ru', 22, 'Уже 22 дня нет вестей от сервера обновлений (с May).'],
  ['ru', 25, 'Уже 25 дней нет вестей от сервера обновлений (с May).'],
  ['ja', 1, '1 日間、アップデートサーバーから新しい情報がありません (May 以降)。'],
])('counts in %s: %i', async (language, count, text) => {
  expect((await textsIn(language)).say('staleDetail', { count, since: 'May' })).toBe(text);
});

it('shows Hebrew from right to left, and paths and commands in it in their own direction', async () => {
  const explanation = { reason: 'read-only-disk', remedy: 'copy-app', params: { path: '/a', command: 'cp' } } as const;
  expect((await textsIn('he')).explain(explanation)).toBe(
    '\u200Fהיישום ב-\u2068/a\u2069 נמצא בדיסק לקריאה בלבד.\n\n\u200Fיש להעתיק אותו לתיקייה משלך ולהפעיל אותו משם: \u2068cp\u2069',
  );
});

it('keeps app and version together in right-to-left texts', async () => {
  expect((await textsIn('ar')).say('available', { app: 'Notes', version: '1.1.0' })).toBe(
    '\u200Fيتوفر \u2068Notes 1.1.0\u2069.',
  );
});

it('leaves placeholders without a value unchanged, and adds no marks to left-to-right texts', async () => {
  expect((await textsIn('de')).say('available', { app: 'Notes' })).toBe('Notes {version} ist verfügbar.');
});
