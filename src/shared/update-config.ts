import * as v from 'valibot';

import { UpdateError } from './errors.ts';
import { type PublisherKeySet, publisherKeySetSchema } from './publisher-keys.ts';
import { assertAppId, assertChannel } from './target-path.ts';

/**
 * `resources/update/update.json`. `electron-tuf init` writes it, and the electron-builder hook embeds it beside `root.json`.
 * Apps can give the same configuration in code instead.
 */
export interface UpdateConfig {
  readonly schema: 1;
  /** App id; the first segment of every target path. */
  readonly app: string;
  /** The directory of `timestamp.json`. HTTPS, or a loopback address. */
  readonly metadataUrl: string;
  /** The directories of target files. The first one is preferred, the others are mirrors. */
  readonly targetsUrls: readonly string[];
  /** The channel until the user chooses another. @defaultValue stable */
  readonly channel: string;
  /** Publisher keys, or `"none"`. With `"none"`, anyone with RSTUF's online key or access to its API can release. See docs/trust.md. */
  readonly publisher: PublisherKeySet | 'none';
  /** Releases below this version are never offered, whatever is signed. */
  readonly versionFloor?: string;
  /**
   * Names in the certificates of your Windows installers: whole distinguished names, or only common names. One of them must
   * have signed (Authenticode), in addition to the two locks. @defaultValue none: Authenticode is not checked
   */
  readonly windowsPublishers?: readonly string[];
}

/** Semantic Versioning 2.0.0, except that leading zeros are allowed here. */
const semanticVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** An address without query and fragment, because file names are appended to it. */
const baseAddress = v.pipe(
  v.string(),
  v.check((text) => !/[?#]/.test(text), 'an address must not have a query (?…) or a fragment (#…)'),
);

const updateConfigSchema: v.GenericSchema<unknown, UpdateConfig> = v.object({
  schema: v.literal(1),
  app: v.string(),
  metadataUrl: baseAddress,
  targetsUrls: v.pipe(v.array(baseAddress), v.minLength(1), v.maxLength(16)),
  channel: v.optional(v.string(), 'stable'),
  publisher: v.union([publisherKeySetSchema, v.literal('none')]),
  versionFloor: v.exactOptional(v.pipe(v.string(), v.regex(semanticVersion, 'not a semantic version such as 1.4.0'))),
  windowsPublishers: v.exactOptional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.maxLength(16))),
});

/** Validates a configuration. @throws UpdateError `OPTIONS_CONFIG_INVALID` naming the invalid field */
export function parseUpdateConfig(value: unknown): UpdateConfig {
  const parsed = v.safeParse(updateConfigSchema, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new UpdateError(
      'OPTIONS_CONFIG_INVALID',
      `The update configuration (update.json) is not valid at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}. Run "electron-tuf init" to write it again.`,
    );
  }
  assertAppId(parsed.output.app);
  assertChannel(parsed.output.channel);
  return parsed.output;
}
