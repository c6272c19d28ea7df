/** Control and format characters, line and paragraph separators, and halves of surrogate pairs. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text with every character that a terminal would obey or hide written as an escape (`\u001b`). Names and messages of
 * others can therefore neither move the cursor, nor hide a line, nor begin one.
 */
export function visible(text: string): string {
  return text.replaceAll(unseen, escapeOf);
}

/** JSON in one line, with the same characters escaped as JSON does it. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(unseen, escapeOf);
}

/** Each UTF-16 code unit as `\u` and four hexadecimal digits, which JSON reads back. */
function escapeOf(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
