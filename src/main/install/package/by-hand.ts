/** A command as a person types it into bash or zsh. Pure. */
export function byHand(file: string, args: readonly string[]): string {
  return ['sudo', file, ...args].map(quote).join(' ');
}

const control = /\p{Cc}/gu;

function quote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  if (word.search(control) < 0) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = word.replaceAll(/[\\']/g, (character) => `\\${character}`);
  return `$'${escaped.replaceAll(control, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
}
