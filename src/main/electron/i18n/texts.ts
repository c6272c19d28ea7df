import { explain, type Explanation, type ExplanationTexts } from '../../../shared/explanation.ts';
import { fillText } from '../../../shared/fill-text.ts';
import type { LanguageChoice } from './choose-language.ts';
import type { PluralForms, UpdateLanguage } from './strings.ts';

type Values = Readonly<Record<string, string | number>>;

/** The strings of one language, ready to be filled with values. */
export class Texts<S extends { readonly [K in keyof S]: string | PluralForms }> {
  /** BCP 47, for dates and numbers. */
  readonly locale: string;
  readonly #strings: S;
  readonly #isRightToLeft: boolean;

  constructor(strings: S, { language, locale }: LanguageChoice) {
    this.locale = locale;
    this.#strings = strings;
    this.#isRightToLeft = rightToLeft.includes(language);
  }

  say(key: keyof S & string, values: Values = {}): string {
    const text: string | PluralForms = this.#strings[key];
    return this.#fill(typeof text === 'string' ? text : this.#plural(text, Number(values['count'])), values);
  }

  /** What is in the way, and what helps. */
  explain(this: Texts<S & ExplanationTexts>, explanation: Explanation): string {
    const { what, how } = explain(explanation, this.#strings, (text, values) => this.#fill(text, values));
    return `${what}\n\n${how}`.trim();
  }

  #plural(forms: PluralForms, count: number): string {
    return forms[new Intl.PluralRules(this.locale).select(count)] ?? forms.other;
  }

  /**
   * From right to left, a text begins with a mark of its direction, since it may begin with the app's name, and values are
   * isolated: paths, commands and versions keep their own direction. Values side by side, as app and version, are one.
   */
  #fill(text: string, values: Values): string {
    if (!this.#isRightToLeft) return fillText(text, values);
    const isolated = text.replaceAll(/\{\w+\}(?: \{\w+\})*/g, (run) => `\u2068${run}\u2069`);
    return `\u200F${fillText(isolated, values)}`;
  }
}

const rightToLeft: readonly UpdateLanguage[] = ['ar', 'fa', 'he'];
