import { type Command, InvalidArgumentError, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { type Arch, arches, parsePlatformTarget, type PlatformTarget } from '../../shared/platform-target.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import type { ApiOptions } from '../rstuf/transport.ts';
import type { ReleasePolicy } from '../release-index/release-policy.ts';

// Flags that several commands share, and the parsers of their values.

/** Collects the values of a repeatable flag. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

export function positiveInteger(value: string): number {
  const number = wholeNumber(value);
  if (number < 1) throw new InvalidArgumentError('Give a whole number, 1 or more.');
  return number;
}

export function count(value: string): number {
  return wholeNumber(value);
}

/** Accepts only digits, because `Number()` reads an empty text as 0 and `0x10` as 16. */
function wholeNumber(value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError('Give a whole number, 0 or more.');
  return number;
}

/** A TCP port; 0 lets the system choose. */
export function port(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new InvalidArgumentError('Give 0 to 65535.');
  return number;
}

/** Parses `500k`, `2M` or `1.5MB/s` into bytes per second. The units are powers of 1000. */
export function byteRate(value: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kMG]?)B?(?:\/s)?$/i.exec(value.trim()) ?? [];
  const rate = Math.round(Number(number) * 1000 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase()));
  if (number === '' || rate < 1) throw new InvalidArgumentError('Give bytes per second, such as 500k or 2M.');
  return rate;
}

/** A brotli quality. */
export function quality(value: string): number {
  const number = wholeNumber(value);
  if (number > 11) throw new InvalidArgumentError('Give 0 to 11.');
  return number;
}

export function platformTarget(value: string): PlatformTarget {
  try {
    return parsePlatformTarget(value);
  } catch (error) {
    throw new InvalidArgumentError(textOf(error));
  }
}

export function archList(value: string): readonly Arch[] {
  return value.split(',').map((word) => {
    const arch = arches.find((known) => known === word);
    if (arch === undefined) throw new InvalidArgumentError(`Use ${arches.join(', ')}, separated by commas.`);
    return arch;
  });
}

/** A date, or a point in time with a time zone, so that the result does not depend on the publisher's machine. */
export function instant(value: string): string {
  const [, date, time] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(value) ?? [];
  const [day, moment] = [Date.parse(`${date}T00:00Z`), Date.parse(`${date}${time ?? 'T00:00Z'}`)];
  // JavaScript reads February 31 as a day in March.
  if (Number.isNaN(moment) || new Date(day).toISOString().slice(0, 10) !== date) {
    throw new InvalidArgumentError('Give a date, or a point in time such as 2026-12-01T08:00:00Z.');
  }
  return new Date(moment).toISOString();
}

/** Parses `25` or `12.5%` into basis points (hundredths of a percent). */
export function percentage(value: string): number {
  const [, number] = /^(\d{1,3}(?:\.\d{1,2})?)\s*%?$/.exec(value) ?? [];
  const points = Number(number) * 100;
  if (!(points <= 10_000)) {
    throw new InvalidArgumentError('Give a percentage from 0 to 100 with at most two decimals.');
  }
  return Math.round(points);
}

export interface ApiFlags {
  readonly api?: string;
  readonly token?: string;
  readonly header?: readonly string[];
}

export function addApiOptions(command: Command): Command {
  return command
    .addOption(new Option('--api <url>', 'address of the RSTUF API').env('ELECTRON_TUF_API'))
    .addOption(
      new Option('--token <token>', 'bearer token for the gateway in front of RSTUF (safer in the environment)').env(
        'ELECTRON_TUF_TOKEN',
      ),
    )
    .option('--header <name: value>', 'additional header for the API, repeatable', collect);
}

/** Builds the API's address and headers. @throws UpdateError `OPTIONS_INVALID`; messages never contain header values */
export function apiOptions(flags: ApiFlags): ApiOptions {
  if (flags.api === undefined)
    throw new UpdateError('OPTIONS_INVALID', '--api is missing: give the address of the RSTUF API.');
  const headers = Object.fromEntries((flags.header ?? []).map(headerEntry));
  if (flags.token !== undefined) headers['authorization'] = `Bearer ${flags.token}`;
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\t\x20-\x7e]+$/.test(value)) {
      throw new UpdateError(
        'OPTIONS_INVALID',
        `The value of the header ${name} has characters that are not allowed in a header.`,
      );
    }
  }
  return { url: flags.api, headers };
}

function headerEntry(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).trim().toLowerCase();
  if (colon < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new UpdateError('OPTIONS_INVALID', 'Write each --header as "Name: value".');
  }
  return [name, line.slice(colon + 1).trim()];
}

export interface PolicyFlags {
  readonly rollout?: number;
  readonly rolloutStarts?: string;
  readonly rolloutComplete?: string;
  readonly critical?: boolean;
  readonly notes?: readonly string[];
  readonly requires?: string;
  readonly replaces?: string;
  readonly dataVersion?: number;
  readonly minimumSystemVersion?: string;
}

export function addPolicyOptions(command: Command): Command {
  return command
    .option('--rollout <percent>', 'share of installations that are offered the release', percentage)
    .option('--rollout-starts <time>', 'when the rollout starts (ISO 8601)', instant)
    .option('--rollout-complete <time>', 'when the rollout, which grows linearly, reaches everyone', instant)
    .option('--critical', 'apps may install the release without asking')
    .option('--no-critical', 'undo --critical')
    .option('--notes <file>', 'release notes in Markdown; de=notes.de.md for another language, repeatable', collect)
    .option('--requires <range>', 'installed versions that can update to the release, e.g. ">=1.2.0"')
    .option('--replaces <range>', 'NEWER versions that the release replaces (a downgrade), e.g. "1.4.1 || 1.4.2"')
    .option(
      '--data-version <number>',
      "version of the app's data format; rollback is automatic between equal ones",
      count,
    )
    .option('--minimum-system-version <version>', 'oldest version of the operating system, e.g. 10.0.19041');
}

/** Builds a release's policy from flags. @throws UpdateError `OPTIONS_INVALID`, `PUBLISH_INPUT` for unreadable notes */
export async function policyFrom(flags: PolicyFlags): Promise<ReleasePolicy> {
  const { rollout, rolloutStarts, rolloutComplete, critical, requires, replaces, dataVersion, minimumSystemVersion } =
    flags;
  if (rollout === undefined && (rolloutStarts !== undefined || rolloutComplete !== undefined)) {
    throw new UpdateError('OPTIONS_INVALID', '--rollout-starts and --rollout-complete need --rollout.');
  }
  return {
    ...(flags.notes === undefined ? {} : { notes: await readNotes(flags.notes) }),
    ...omitUndefined({ critical, requires, replaces, dataVersion, minimumSystemVersion }),
    ...(rollout === undefined
      ? {}
      : {
          rollout: {
            basisPoints: rollout,
            ...omitUndefined({ startsAt: rolloutStarts, completeAt: rolloutComplete }),
          },
        }),
  };
}

async function readNotes(entries: readonly string[]): Promise<Record<string, string>> {
  const notes: Record<string, string> = {};
  for (const entry of entries) {
    const [, language = 'en', file = entry] = /^([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)=(.+)$/.exec(entry) ?? [];
    try {
      notes[language] = await readFile(file, 'utf8');
    } catch (error) {
      throw new UpdateError('PUBLISH_INPUT', `The release notes ${file} cannot be read: ${textOf(error)}.`, {
        cause: error,
      });
    }
  }
  return notes;
}

/** The directory in which this machine keeps verified metadata: `XDG_STATE_HOME` or the system's equivalent. */
export function stateDirectory(): string {
  const { env, platform } = process;
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'electron-tuf');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'electron-tuf');
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'electron-tuf');
}
