import * as v from 'valibot';

import { UpdateError } from './errors.ts';
import { type PublisherKeySet, publisherKeySetSchema } from './publisher-keys.ts';
import { assertAppId, assertChannel } from './target-path.ts';

/**
 * `resources/update/update.json`: what `electron-tuf init` writes and the electron-builder hook embeds beside
 * `root.json`. All of it can be given in code instead.
 */
export interface UpdateConfig {
  readonly schema: 1;
  /** App id; the first segment of every target path. */
  readonly app: string;
  /** Where `timestamp.json` is. HTTPS, or a loopback address. */
  readonly metadataUrl: string;
  /** Where target files are: the first is preferred, the others are mirrors. */
  readonly targetsUrls: readonly string[];
  /** The channel of a build whose user has not chosen one. @defaultValue stable */
  readonly channel: string;
  /** Publisher keys, or `"none"`: then whoever holds RSTUF's online key or API can release. See docs/trust.md. */
  readonly publisher: PublisherKeySet | 'none';
  /** Releases below this version are never offered, whatever is signed. */
  readonly versionFloor?: string;
  /**
   * Names in the certificate that signs your Windows installers: whole distinguished names, or common names alone. One of
   * them must have signed (Authenticode), on top of the two locks. @defaultValue none: nobody is asked
   */
  readonly windowsPublishers?: readonly string[];
}

/** Semantic Versioning 2.0.0, without a look at leading zeros: the release room compares. */
const semanticVersion = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Names of files are put behind it: what stands after a path would get lost. */
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

/** @throws UpdateError `OPTIONS_CONFIG_INVALID` with the field at fault. */
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
