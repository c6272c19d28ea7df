import { primary } from '../i18n/choose-language.ts';

/** How much of the release notes a dialog shows, in lines and characters. */
const maxLines = 14;
const maxLength = 900;
/** How many characters are processed. Notes may be as long as an index, and a dialog must not wait for them. */
const maxRead = 8000;
const maxLine = 1000;

/** Control characters and marks of writing direction. They could make one text look like another. */
// eslint-disable-next-line no-control-regex -- these are meant
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * Converts release notes to plain text without links, images and Markdown. Other markup is shown as it was written.
 * Pure.
 */
export function plainNotes(markdown: string): string {
  const read = markdown.slice(0, maxRead);
  const lines = read
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(unseen, '')
    .split('\n')
    .map((line) => plainLine(line.slice(0, maxLine)))
    .filter((line, index, all) => line !== '' || (index > 0 && all[index - 1] !== ''));
  const kept = lines.slice(0, maxLines).join('\n').trim();
  const text = kept.length > maxLength ? kept.slice(0, maxLength).trimEnd() : kept;
  const isWhole = read === markdown && text === lines.join('\n').trim();
  return isWhole ? text : `${text} …`;
}

function plainLine(line: string): string {
  return line
    .trimEnd()
    .replace(/^\s{0,3}#{1,6}\s+/, '')
    .replace(/^(\s*)[-*+]\s+/, '$1• ')
    .replace(/^\s{0,3}>\s?/, '')
    .replaceAll(/!?\[([^[\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/(\*\*|__)(\S(?:.*?\S)?)\1/g, '$2')
    .replaceAll(/(?<!\w)[*_](\S(?:[^*_]*\S)?)[*_](?!\w)/g, '$1')
    .replaceAll(/`([^`]+)`/g, '$1');
}

/** The notes in the user's language, or else in English, or else in the first language available. */
export function chooseNotes(notes: Readonly<Record<string, string>>, languages: readonly string[]): string {
  const tags = Object.keys(notes);
  const like = (same: (tag: string) => boolean): string | undefined => tags.find((tag) => same(tag.toLowerCase()));
  const found = [...languages, 'en'].map((language) => {
    const wanted = language.toLowerCase();
    return like((tag) => tag === wanted) ?? like((tag) => primary(tag) === primary(wanted));
  });
  return notes[found.find((tag) => tag !== undefined) ?? tags[0] ?? ''] ?? '';
}
