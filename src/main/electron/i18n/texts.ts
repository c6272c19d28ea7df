import { explain, type Explanation, type ExplanationTexts } from '../../../shared/explanation.ts';
import { fillText } from '../../../shared/fill-text.ts';
import type { LanguageChoice } from './choose-language.ts';
import type { PluralForms, UpdateLanguage } from './strings.ts';

type Values = Readonly<Record<string, string | number>>;

/** The texts of one language. Fills in values. */
export class Texts<S extends { readonly [K in keyof S]: string | PluralForms }> {
  /** BCP 47 tag for dates and numbers. */
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

  /** The problem and the remedy, as two paragraphs. */
  explain(this: Texts<S & ExplanationTexts>, explanation: Explanation): string {
    const { what, how } = explain(explanation, this.#strings, (text, values) => this.#fill(text, values));
    return `${what}\n\n${how}`.trim();
  }

  #plural(forms: PluralForms, count: number): string {
    return forms[new Intl.PluralRules(this.locale).select(count)] ?? forms.other;
  }

  /**
   * In a right-to-left language, a text starts with a direction mark, because it may start with the app's name. Values
   * are isolated, so that paths, commands and versions keep their own direction. Adjacent values, such as app and
   * version, are isolated together (Unicode UAX #9).
   */
  #fill(text: string, values: Values): string {
    if (!this.#isRightToLeft) return fillText(text, values);
    const isolated = text.replaceAll(/\{\w+\}(?: \{\w+\})*/g, (run) => `\u2068${run}\u2069`);
    return `\u200F${fillText(isolated, values)}`;
  }
}

const rightToLeft: readonly UpdateLanguage[] = ['ar', 'fa', 'he'];
