import { createCodec } from './codec.ts';
import { createEnd, pageWorld, preloadWorld } from './worlds.ts';

/** The two scripts of one window. `meeting` is a random word that only they know. */
export function worldScripts(
  preload: string,
  meeting: string,
  inSubFrames: boolean,
): { readonly page: string; readonly preload: string } {
  const word = JSON.stringify(meeting);
  const runPreload = `(require) => { const module = { exports: {} }; ((exports, module) => {\n${preload}\n})(module.exports, module); }`;
  return {
    page: `(${sourceOf(pageWorld)})(${word}, ${inSubFrames}, ${sourceOf(createEnd)});`,
    preload: `(${sourceOf(preloadWorld)})(${word}, ${inSubFrames}, ${sourceOf(createEnd)}, ${sourceOf(createCodec)}, ${runPreload});`,
  };
}

/** Functions travel as their source. */
function sourceOf(fn: (...args: never[]) => unknown): string {
  return fn.toString();
}
