import semver from 'semver';
import * as v from 'valibot';

import { parseJsonText } from '../../../shared/json-text.ts';
import { textOf, UpdateError } from '../../../shared/errors.ts';
import { assertChannel } from '../../../shared/target-path.ts';
import { type TimeWindow, parseHours } from './time-windows.ts';

/** An administrator's policy for an app on one machine. Users cannot override it. See docs/policy.md. */
export interface AdminPolicy {
  /** Turns checks, downloads and installs off. */
  readonly disabled: boolean;
  /** A version or semver range. No other versions are offered. */
  readonly versions?: string;
  readonly channel?: string;
  /** Address of an internal mirror of the metadata. Its signatures are verified as usual. */
  readonly metadataUrl?: string;
  /** Addresses of internal mirrors of the files, the preferred one first. */
  readonly mirrors?: readonly string[];
  /** Local hours in which downloads and installs may happen. An empty list allows all hours. */
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
 * Parses the text of a policy file. Strict: an unknown field is an error, so that a spelling mistake does not silently
 * disable a rule.
 * @throws UpdateError `OPTIONS_INVALID`, whose message names the field
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
