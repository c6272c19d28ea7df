import semver from 'semver';
import * as v from 'valibot';

import { parseJsonText } from '../../../shared/json-text.ts';
import { textOf, UpdateError } from '../../../shared/errors.ts';
import { assertChannel } from '../../../shared/target-path.ts';
import { type TimeWindow, parseHours } from './time-windows.ts';

/** What the administrator of a machine decided for an app. Users cannot override it. See docs/policy.md. */
export interface AdminPolicy {
  /** No checks, no downloads, no installs. */
  readonly disabled: boolean;
  /** A semver range, or one version to stay on: nothing else is offered. */
  readonly versions?: string;
  readonly channel?: string;
  /** Where metadata comes from instead: an internal mirror. What is signed stays the same. */
  readonly metadataUrl?: string;
  /** Where files come from instead, the preferred one first. */
  readonly mirrors?: readonly string[];
  /** Downloads and installs happen in these hours only, local time. Empty: always. */
  readonly hours: readonly TimeWindow[];
}

const url = v.pipe(
  v.string(),
  v.maxLength(2048),
  v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'not a web address'),
  v.check((text) => !/[?#]/.test(text), 'an address must not have a query (?…) or a fragment (#…)'),
);
const range = v.pipe(
  v.string(),
  v.maxLength(256),
  v.check((text) => semver.validRange(text) !== null, 'not a version or semver range'),
);
const schema = v.strictObject({
  schema: v.literal(1),
  disable: v.optional(v.boolean(), false),
  versions: v.exactOptional(range),
  channel: v.exactOptional(v.string()),
  metadataUrl: v.exactOptional(url),
  mirrors: v.exactOptional(v.pipe(v.array(url), v.minLength(1), v.maxLength(16))),
  hours: v.optional(v.pipe(v.array(v.string()), v.maxLength(24)), []),
});

/**
 * Reads a policy file's text. Strict: a misspelt word is an error, not a policy that silently does not hold.
 * @throws UpdateError `OPTIONS_INVALID` with the field at fault
 */
export function parseAdminPolicy(text: string): AdminPolicy {
  const parsed = v.safeParse(schema, parseJson(text));
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new UpdateError(
      'OPTIONS_INVALID',
      `It is not valid at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}.`,
    );
  }
  const { schema: _, disable, hours, channel, ...rest } = parsed.output;
  return {
    ...rest,
    disabled: disable,
    hours: parseHours(hours, 'hours'),
    ...(channel === undefined ? {} : { channel: assertChannel(channel) }),
  };
}

function parseJson(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    throw new UpdateError('OPTIONS_INVALID', `It is not JSON: ${textOf(error)}.`, { cause: error });
  }
}
