import { type Command, InvalidArgumentError, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { type Arch, arches, parsePlatformTarget, type PlatformTarget } from '../../shared/platform-target.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import type { ApiOptions } from '../rstuf/transport.ts';
import type { ReleasePolicy } from '../release-index/release-policy.ts';

/** Option values that several commands share, read the same way. */

export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

export function positiveInteger(value: string): number {
  const number = wholeNumber(value);
  if (number < 1) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return number;
}

export function count(value: string): number {
  return wholeNumber(value);
}

/** Digits alone: `Number()` reads an empty text as 0 and `0x10` as 16. */
function wholeNumber(value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new InvalidArgumentError('Give a whole number from 0 on.');
  return number;
}

/** `500k`, `2M`, `1.5MB/s` → bytes per second, in powers of 1000. */
export function byteRate(value: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kMG]?)B?(?:\/s)?$/i.exec(value.trim()) ?? [];
  const rate = Math.round(Number(number) * 1000 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase()));
  if (number === '' || rate < 1) throw new InvalidArgumentError('Give bytes per second, such as 500k or 2M.');
  return rate;
}

/** Of brotli. */
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

/** A date, or a point in time with its zone: a release is the same for whoever publishes it. */
export function instant(value: string): string {
  const [, date, time] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(value) ?? [];
  const [day, moment] = [Date.parse(`${date}T00:00Z`), Date.parse(`${date}${time ?? 'T00:00Z'}`)];
  // JavaScript takes the 31st of February for a day in March.
  if (Number.isNaN(moment) || new Date(day).toISOString().slice(0, 10) !== date) {
    throw new InvalidArgumentError('Give a date, or a point in time such as 2026-12-01T08:00:00Z.');
  }
  return new Date(moment).toISOString();
}

/** `25` or `12.5%` → basis points. */
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
      new Option('--token <token>', 'bearer token for the gateway before RSTUF (better: the environment)').env(
        'ELECTRON_TUF_TOKEN',
      ),
    )
    .option('--header <name: value>', 'another header for the API, repeatable', collect);
}

/** @throws UpdateError `OPTIONS_INVALID`; the values of headers are in no message. */
export function apiOptions(flags: ApiFlags): ApiOptions {
  if (flags.api === undefined)
    throw new UpdateError('OPTIONS_INVALID', '--api is missing: the address of the RSTUF API.');
  const headers = Object.fromEntries((flags.header ?? []).map(headerEntry));
  if (flags.token !== undefined) headers['authorization'] = `Bearer ${flags.token}`;
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\t\x20-\x7e]+$/.test(value)) {
      throw new UpdateError(
        'OPTIONS_INVALID',
        `The value for the header ${name} has characters that no header can have.`,
      );
    }
  }
  return { url: flags.api, headers };
}

function headerEntry(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).trim().toLowerCase();
  if (colon < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new UpdateError('OPTIONS_INVALID', 'A --header must be written as "Name: value".');
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
    .option('--rollout-complete <time>', 'when it has grown, linearly, to everybody', instant)
    .option('--critical', 'apps may install it without asking')
    .option('--no-critical', 'takes --critical back')
    .option('--notes <file>', 'release notes in Markdown; de=notes.de.md for another language, repeatable', collect)
    .option('--requires <range>', 'installed versions that may be updated to it, e.g. ">=1.2.0"')
    .option('--replaces <range>', 'NEWER versions that it takes back, e.g. "1.4.1 || 1.4.2"')
    .option('--data-version <number>', "version of the app's data; automatic rollback needs equal ones", count)
    .option('--minimum-system-version <version>', 'oldest version of the operating system, e.g. 10.0.19041');
}

/** @throws UpdateError `OPTIONS_INVALID`, `PUBLISH_INPUT` when notes cannot be read */
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

/** Where this machine remembers what was signed before; `XDG_STATE_HOME` and its kin say where. */
export function stateDirectory(): string {
  const { env, platform } = process;
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'electron-tuf');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'electron-tuf');
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'electron-tuf');
}
