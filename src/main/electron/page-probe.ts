import type { WebContents } from 'electron';

import { textOf } from '../../shared/errors.ts';
import type { Logger } from '../ports.ts';

/**
 * The condition of a page: it `works`, it is `broken` (an error page, an HTTP error, no answer, a crash), or it shows
 * `nothing`, like a window that was not used yet.
 */
export type PageCondition = 'works' | 'broken' | 'nothing';

/** What a page reports about itself. */
interface PageAnswer {
  /** `location.protocol`. Chromium's error pages have their own protocol for any address. */
  readonly protocol: string;
  /** HTTP status of the document; 0 if there is none. */
  readonly status: number;
  /** True if the page contains neither an element nor text. */
  readonly isEmpty: boolean;
}

const question = `(() => {
  const [entry] = performance.getEntriesByType('navigation');
  const { body, documentElement } = document;
  const isEmpty = body === null ? documentElement === null : body.childElementCount === 0 && body.textContent.trim() === '';
  return { protocol: location.protocol, status: entry?.responseStatus ?? 0, isEmpty };
})()`;

/** The id of an isolated world, in which the app's scripts cannot change the answer. */
const world = 20_231;

/** Time in milliseconds for a page to answer. */
const answerMs = 5000;

/** Asks a page what it shows. A page with an endless script does not answer and counts as broken. */
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
    logger.debug(`A page did not answer the health check: ${textOf(error)}`);
    return undefined;
  };
}

async function silence(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), answerMs).unref();
  });
}
