import type { WebContents } from 'electron';

import { textOf } from '../../shared/errors.ts';
import type { Logger } from '../ports.ts';

/**
 * What a page is in: it `works`; it is `broken` (an error page, an HTTP error, no answer, a crash); or it shows `nothing`,
 * as a window does that has not been used yet.
 */
export type PageCondition = 'works' | 'broken' | 'nothing';

/** What a page says of itself. */
interface PageAnswer {
  /** `location.protocol`: Chromium's own error pages have one of their own, whatever address they are shown for. */
  readonly protocol: string;
  /** The HTTP status that the document came with; 0 where there is none. */
  readonly status: number;
  /** Neither an element nor text in it. */
  readonly isEmpty: boolean;
}

const question = `(() => {
  const [entry] = performance.getEntriesByType('navigation');
  const { body, documentElement } = document;
  const isEmpty = body === null ? documentElement === null : body.childElementCount === 0 && body.textContent.trim() === '';
  return { protocol: location.protocol, status: entry?.responseStatus ?? 0, isEmpty };
})()`;

/** A world of its own: the app's scripts cannot answer for the page, nor get in the way. */
const world = 20_231;

/** Milliseconds that a page may take to answer. */
const answerMs = 5000;

/** Asks a page what it shows. A page whose scripts never come to an end does not answer. */
export async function probePage(contents: WebContents, logger: Logger): Promise<PageCondition> {
  if (contents.isDestroyed()) return 'nothing';
  if (contents.isCrashed()) return 'broken';
  if (contents.getURL() === '') return 'nothing';
  const asked = contents.executeJavaScriptInIsolatedWorld(world, [{ code: question }]) as Promise<PageAnswer>;
  const answer = await Promise.race([asked.catch(unanswered(logger)), silence()]);
  return answer === undefined ? 'broken' : judgePage(answer);
}

/** Pure. */
export function judgePage({ protocol, status, isEmpty }: PageAnswer): PageCondition {
  if (protocol === 'chrome-error:' || status >= 400) return 'broken';
  if (isEmpty || protocol === 'about:' || protocol === 'devtools:') return 'nothing';
  return 'works';
}

function unanswered(logger: Logger): (error: unknown) => undefined {
  return (error) => {
    logger.debug(`A page that was asked whether it works did not answer: ${textOf(error)}`);
    return undefined;
  };
}

async function silence(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), answerMs).unref();
  });
}
