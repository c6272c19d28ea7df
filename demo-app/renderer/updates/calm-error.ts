import { type ErrorReason, errorReason } from '../../../src/page/index.ts';
import type { UpdateErrorData } from '../../../src/shared/errors.ts';

/** An error in calm words for the user. */
export interface CalmError {
  readonly headline: string;
  readonly detail: string;
  /** A few words for the side bar. */
  readonly short: string;
  readonly mark: 'alert' | 'shield';
}

/**
 * The texts for an error. A refused update needs no action of the user, and the text says so. Pure.
 */
export function calmError(error: UpdateErrorData): CalmError {
  return byCode[error.code] ?? byReason[errorReason(error)] ?? unclear(error);
}

const refused = { headline: 'An update was refused', short: 'Update refused', mark: 'shield' } as const;

const forged: CalmError = {
  ...refused,
  detail:
    'It does not carry the signature of the people who make Notes, so it was not even downloaded. There is nothing you need to do: Notes keeps working, and asks again later.',
};

const byCode: Readonly<Record<string, CalmError>> = {
  TRUST_PUBLISHER_UNSIGNED: forged,
  TRUST_PUBLISHER_ROLLBACK: forged,
  TRUST_EXPIRED: {
    headline: 'No fresh news from the publisher',
    detail:
      'What the update server shows has run out, so Notes does not rely on it. It keeps working, and asks again later.',
    short: 'No fresh news',
    mark: 'shield',
  },
  TRUST_TARGET_UNKNOWN: {
    headline: 'No release was found',
    detail: 'The update server has none for this computer. Try again later; what you have keeps working.',
    short: 'No release',
    mark: 'alert',
  },
  INSTALL_UNHEALTHY: {
    headline: 'This version has trouble starting',
    detail:
      'It stays, because the version before could not read what it has written. Your notes are untouched, and the next version is offered as soon as there is one.',
    short: 'Trouble starting',
    mark: 'alert',
  },
  MANAGER_POLICY: {
    headline: 'Not at this hour',
    detail: 'Your organisation installs updates at other hours. Notes keeps working, and tries again then.',
    short: 'Waiting',
    mark: 'alert',
  },
};

const byReason: Partial<Readonly<Record<ErrorReason, CalmError>>> = {
  offline: {
    headline: 'The update server cannot be reached',
    detail: 'Check the connection, then try again. What you have keeps working.',
    short: 'Cannot check',
    mark: 'alert',
  },
  server: {
    headline: 'The update server has a problem',
    detail: 'It is not answering as it should. Try again later; what you have keeps working.',
    short: 'Cannot check',
    mark: 'alert',
  },
  clock: {
    headline: 'The clock seems to be wrong',
    detail: 'Set the clock of this computer, then try again.',
    short: 'Check the clock',
    mark: 'alert',
  },
  untrusted: {
    ...refused,
    detail: 'What came is not what was signed, so it was thrown away. Nothing was installed; Notes keeps working.',
  },
};

function unclear({ message }: UpdateErrorData): CalmError {
  return { headline: 'The update did not work out', detail: message, short: 'Update failed', mark: 'alert' };
}
