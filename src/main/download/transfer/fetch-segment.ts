import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { errorCodes } from '../../../shared/error-table.ts';
import { displayUrl } from '../../http/secure-url.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { HttpResponse } from '../../ports.ts';
import { classifyResponse, type ResponseClass } from './range-response.ts';
import { BlockWriter } from './block-writer.ts';
import type { Segment } from './segments.ts';
import type { DownloadContext } from '../context.ts';
import type { MirrorState } from './mirror-state.ts';
import type { TransferOptions } from './transfer-options.ts';

/** How the request for a segment ended. Received bytes are written in any case. */
export type SegmentResult =
  | { readonly type: 'done' }
  | { readonly type: 'retry'; readonly error: UpdateError; readonly retryAfterMs?: number | undefined }
  | { readonly type: 'next-mirror'; readonly error: UpdateError }
  /** The server does not support ranges, so the whole file would have to be fetched. */
  | { readonly type: 'whole-only' }
  /** The server's copy changed to another edition of the file. */
  | { readonly type: 'changed' };

/** A partial response that is shorter than both this and the requested range counts as failed. In bytes. */
const minResponseBytes = 64 * 1024;

/** What a request for a segment needs. */
export interface SegmentContext {
  readonly context: DownloadContext;
  readonly job: TransferOptions;
  readonly signal: AbortSignal;
  /** Whether a server without ranges may send the whole file. Bytes that are already there are skipped. */
  readonly wholeAllowed: boolean;
  /** The number of active requests of the transfer. */
  readonly connections: () => number;
}

/**
 * Fetches a segment from a mirror with one request. Throws only errors that no other mirror can help with: disk errors
 * and the signal's reason.
 */
export async function fetchSegment(
  context: SegmentContext,
  mirror: MirrorState,
  segment: Segment,
): Promise<SegmentResult> {
  try {
    const { response, classification } = await sendRequest(context, mirror, segment);
    if (classification.type !== 'body') return cancelResponse(response, classification);
    mirror.acceptsRanges = classification.acceptsRanges;
    mirror.validator = classification.validator;
    if (classification.changed && mirror.changes++ === 0) return cancelResponse(response, { type: 'changed' });
    if (classification.at < segment.written && !context.wholeAllowed)
      return cancelResponse(response, { type: 'whole-only' });
    await receive(context, mirror, segment, classification, response);
    return { type: 'done' };
  } catch (error) {
    if (!(error instanceof UpdateError) || errorCodes[error.code].reason === 'disk') throw error;
    context.signal.throwIfAborted();
    return errorCodes[error.code].retrySameServer === 'never'
      ? { type: 'next-mirror', error }
      : { type: 'retry', error };
  }
}

function cancelResponse(response: HttpResponse, result: SegmentResult): SegmentResult {
  response.cancel();
  return result;
}

type Body = Extract<ResponseClass, { readonly type: 'body' }>;

async function sendRequest(
  { context, job, signal }: SegmentContext,
  mirror: MirrorState,
  segment: Segment,
): Promise<{ readonly response: HttpResponse; readonly classification: ResponseClass }> {
  const { http, clock, headersTimeoutMs, idleTimeoutMs } = context.options;
  const ranged = mirror.acceptsRanges !== false && (segment.written > 0 || segment.end < job.length);
  const validator = ranged && mirror.changes < 2 ? mirror.validator : undefined;
  const request = { start: segment.written, end: segment.end, length: job.length, ranged, validator };
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
  return { response, classification: classifyResponse(request, response, clock.now()) };
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
      // Another connection may have taken the segment's tail in the meantime.
      if (writer.end >= Math.min(segment.end, body.end)) break;
      const waiting = context.consumeBandwidth(chunk.length, signal);
      if (waiting !== undefined) await waiting;
    }
  } finally {
    await writer.flush();
  }
  if (writer.end < Math.min(segment.end, body.end)) throw truncated(response.url);
  // A server may send less than the client requested (RFC 9110, 15.3.7), but not tiny pieces.
  if (body.end < segment.end && body.end - body.at < minResponseBytes) throw truncated(response.url);
}

function truncated(url: string): UpdateError {
  return new UpdateError(
    'DOWNLOAD_TRUNCATED',
    `${displayUrl(url)} sent fewer bytes than the client requested. Try again.`,
  );
}
