import { displayUrl } from '../../../main/http/secure-url.ts';
import { type Finding, findingsAbout } from './finding.ts';

/** The answer of one address. */
export type AnswerFacts =
  | {
      readonly type: 'answer';
      readonly url: string;
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly type: 'failed'; readonly url: string; readonly message: string };

export interface ContentFacts {
  /** Doctor asks each content server for the last byte of an artifact, as a range. */
  readonly ranges: readonly { readonly length: number; readonly answer: AnswerFacts }[];
  /** `timestamp.json`. */
  readonly timestamp?: AnswerFacts;
  /** The answer for the version after the newest root. That version must not exist. */
  readonly nextRoot?: AnswerFacts;
}

/** Seconds that a cache may keep the timestamp. While a cache keeps it, apps do not see a new release. */
const longestTimestampAge = 300;

export function checkContent({ ranges, timestamp, nextRoot }: ContentFacts): readonly Finding[] {
  return [
    ...ranges.flatMap(checkRange),
    ...(timestamp === undefined ? [] : checkTimestamp(timestamp)),
    ...(nextRoot === undefined ? [] : checkNextRoot(nextRoot)),
  ];
}

function checkRange({ length, answer }: ContentFacts['ranges'][number]): readonly Finding[] {
  const about = findingsAbout(hostOf(answer.url));
  if (answer.type === 'failed') return [about.fail(answer.message, 'Check the content server.')];
  const { status, headers, url } = answer;
  const cache = headers['cache-control'] ?? '';
  const stored = /\b(no-store|private)\b/.test(cache)
    ? [
        about.warn(
          `"cache-control: ${cache}" keeps caches from helping with files that never change.`,
          'Send "public, max-age=31536000, immutable" for them: their names hold their hashes.',
        ),
      ]
    : [];
  if (status === 206 && headers['content-range'] === `bytes ${length - 1}-${length - 1}/${length}`) {
    return [about.ok('serves the newest release, and ranges of it'), ...stored];
  }
  if (status === 200) {
    return [
      about.warn(
        'It does not serve ranges: downloads cannot resume, and small updates are not possible.',
        'Allow Range requests on the content server (most do so by themselves for plain files).',
      ),
      ...stored,
    ];
  }
  const what = status === 206 ? `another range (${headers['content-range'] ?? 'unnamed'})` : `status ${status}`;
  return [
    about.fail(
      `${displayUrl(url)} answers with ${what}.`,
      'Serve the content directory at the targets URL, hash-named files too.',
    ),
  ];
}

function checkTimestamp(answer: AnswerFacts): readonly Finding[] {
  const about = findingsAbout('timestamp.json');
  if (answer.type === 'failed') return [];
  const cache = answer.headers['cache-control'];
  const age = cache === undefined ? undefined : ageIn(cache);
  const send = 'Send "cache-control: no-cache" for timestamp.json.';
  if (age !== undefined && age > longestTimestampAge) {
    return [about.warn(`Caches may keep it for ${age} seconds: apps see a new release that much later.`, send)];
  }
  if (cache === undefined && isBehindCache(answer.headers)) {
    return [about.warn('A cache stands in front, and nothing tells it how long to keep it.', send)];
  }
  return [about.ok(cache === undefined ? 'is not cached' : `cache-control: ${cache}`)];
}

/** Clients ask for the next root until a server answers that there is none. That answer must always be true. */
function checkNextRoot(answer: AnswerFacts): readonly Finding[] {
  const about = findingsAbout('Next root');
  if (answer.type === 'failed') return [];
  const { status, headers, url } = answer;
  if (status === 200) {
    return [
      about.fail(
        `${displayUrl(url)} should not be there, and answers with a ${headers['content-type'] ?? 'page'}.`,
        'Answer with 404 for files that are missing, not with a page.',
      ),
    ];
  }
  const age = ageIn(headers['cache-control'] ?? '');
  return age !== undefined && age > longestTimestampAge
    ? [about.warn(`Its 404 is cached for ${age} seconds: apps see a new root late.`, 'Do not cache 404 answers.')]
    : [];
}

/** Returns the seconds for which caches may keep an answer. `s-maxage` comes first (RFC 9111, 5.2.2.10). */
function ageIn(cacheControl: string): number | undefined {
  if (/\b(no-store|no-cache)\b/.test(cacheControl)) return 0;
  const seconds = /\bs-maxage=(\d+)/.exec(cacheControl)?.[1] ?? /(?:^|[\s,])max-age=(\d+)/.exec(cacheControl)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function isBehindCache(headers: Readonly<Record<string, string>>): boolean {
  return ['age', 'via', 'x-cache', 'cf-cache-status', 'x-served-by'].some((name) => headers[name] !== undefined);
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? displayUrl(url);
}
