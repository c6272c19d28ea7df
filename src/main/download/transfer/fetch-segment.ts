import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { errorCodes } from '../../../shared/error-table.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { HttpResponse } from '../../ports.ts';
import { classifyResponse, type ResponseClass } from './range-response.ts';
import { BlockWriter } from './block-writer.ts';
import type { Segment } from './segments.ts';
import type { DownloadContext } from '../context.ts';
import type { MirrorState } from './mirror-state.ts';
import type { TransferOptions } from './transfer-options.ts';

/** How the work on a lease ended. What was received is written in any case. */
export type SegmentResult =
  | { readonly type: 'done' }
  | { readonly type: 'later'; readonly error: UpdateError; readonly retryAfterMs?: number | undefined }
  | { readonly type: 'elsewhere'; readonly error: UpdateError }
  /** The server has no ranges: asking it means taking the whole file. */
  | { readonly type: 'whole-only' }
  /** What it served before is another edition of the file. */
  | { readonly type: 'changed' };

/** A partial answer that is shorter than this and than what was asked for has failed. In bytes. */
const leastAnswerBytes = 64 * 1024;

/** What surrounds the work on a lease. */
export interface SegmentContext {
  readonly context: DownloadContext;
  readonly job: TransferOptions;
  readonly signal: AbortSignal;
  /** A server without ranges may send the whole file; what is there already is skipped. */
  readonly wholeAllowed: boolean;
  /** How many requests of the transfer are at work. */
  readonly connections: () => number;
}

/**
 * Fetches a lease from a mirror with one request. Throws only what no other server could mend: disk errors and the
 * signal's reason.
 */
export async function fetchSegment(
  context: SegmentContext,
  mirror: MirrorState,
  segment: Segment,
): Promise<SegmentResult> {
  try {
    const { response, verdict } = await ask(context, mirror, segment);
    if (verdict.type !== 'body') return refuse(response, verdict);
    mirror.acceptsRanges = verdict.acceptsRanges;
    mirror.validator = verdict.validator;
    if (verdict.changed && mirror.changes++ === 0) return refuse(response, { type: 'changed' });
    if (verdict.at < segment.written && !context.wholeAllowed) return refuse(response, { type: 'whole-only' });
    await receive(context, mirror, segment, verdict, response);
    return { type: 'done' };
  } catch (error) {
    if (!(error instanceof UpdateError) || errorCodes[error.code].reason === 'disk') throw error;
    context.signal.throwIfAborted();
    return errorCodes[error.code].retrySameServer === 'never' ? { type: 'elsewhere', error } : { type: 'later', error };
  }
}

function refuse(response: HttpResponse, outcome: SegmentResult): SegmentResult {
  response.cancel();
  return outcome;
}

type Body = Extract<ResponseClass, { readonly type: 'body' }>;

async function ask(
  { context, job, signal }: SegmentContext,
  mirror: MirrorState,
  segment: Segment,
): Promise<{ readonly response: HttpResponse; readonly verdict: ResponseClass }> {
  const { http, clock, headersTimeoutMs, idleTimeoutMs } = context.options;
  const ranged = mirror.acceptsRanges !== false && (segment.written > 0 || segment.end < job.length);
  const validator = ranged && mirror.changes < 2 ? mirror.validator : undefined;
  const asked = { start: segment.written, end: segment.end, length: job.length, ranged, validator };
  job.onRequest();
  const response = await http.get(`${mirror.base}${job.locations[mirror.location] ?? ''}`, {
    headers: {
      ...(ranged ? { range: `bytes=${segment.written}-${segment.end - 1}` } : {}),
      ...omitUndefined({ 'if-range': validator }),
    },
    maxBytes: job.length,
    headersTimeoutMs,
    idleTimeoutMs,
    signal,
  });
  return { response, verdict: classifyResponse(asked, response, clock.now()) };
}

async function receive(
  { context, job, signal, connections }: SegmentContext,
  mirror: MirrorState,
  segment: Segment,
  body: Body,
  response: HttpResponse,
): Promise<void> {
  const { validator } = body;
  const source = { url: mirror.url, ...omitUndefined({ validator }) };
  const writer = new BlockWriter(job.sink, source, body.at, connections);
  if (body.at < segment.written) segment.end = job.length;
  try {
    for await (const chunk of response.body) {
      mirror.received += chunk.length;
      job.onReceived(chunk.length);
      await writer.push(chunk.subarray(0, Math.max(0, Math.min(segment.end, body.end) - writer.end)));
      segment.written = Math.max(segment.written, writer.at);
      segment.received = Math.max(segment.received, writer.end);
      // Another connection may have taken the tail of the lease in the meantime.
      if (writer.end >= Math.min(segment.end, body.end)) break;
      const waiting = context.consumeBandwidth(chunk.length, signal);
      if (waiting !== undefined) await waiting;
    }
  } finally {
    await writer.flush();
  }
  if (writer.end < Math.min(segment.end, body.end)) throw truncated(response.url);
  // A server may answer with less than was asked for (RFC 9110, 15.3.7), but not with crumbs.
  if (body.end < segment.end && body.end - body.at < leastAnswerBytes) throw truncated(response.url);
}

function truncated(url: string): UpdateError {
  return new UpdateError('DOWNLOAD_TRUNCATED', `${url} ended before all bytes were there. Try again.`);
}
