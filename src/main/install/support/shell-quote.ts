const control = /\p{Cc}/gu;

/** Quotes a word for bash or zsh, so that a person can copy and run the command that is shown. Pure. */
export function shellQuote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (word.search(control) < 0) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = word.replaceAll(/[\\']/g, (character) => `\\${character}`);
  return `$'${escaped.replaceAll(control, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}
