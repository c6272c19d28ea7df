import type { Deferral, HeldBack, PausedState } from '../../../src/shared/state.ts';
import { formatMoment } from '../format.ts';

/** Why an offered update is deferred. None of the reasons is a mistake of the user, so none of the texts is a warning. */
export function deferralText({ reason, until }: Deferral, now: Date): string {
  const end = until === undefined ? '' : ` until ${formatMoment(new Date(until), now)}`;
  switch (reason) {
    case 'cancelled':
      return 'You stopped the download. What has arrived is kept until you go on.';
    case 'remind-later':
      return `You put it off${end}.`;
    case 'quiet-hours':
      return `Quiet hours${end}. It waits, unless you go on.`;
    case 'metered':
      return 'This network may cost by volume. It waits for another one, unless you go on.';
    case 'battery':
      return 'To spare the battery it waits for the power cable, unless you go on.';
    case 'policy':
      return `Your organisation installs updates at other hours. It waits${end}.`;
  }
}

/** Why a newer release is not offered on this computer. */
export function heldBackText({ version, reason, message }: HeldBack): string {
  switch (reason) {
    case 'rollout':
      return `Notes ${version} is on its way: it reaches everybody step by step, and will be here soon.`;
    case 'not-allowed':
      return `Notes ${version} is out. Your organisation has not approved it yet.`;
    case 'system':
      return `Notes ${version} is out. It needs a newer operating system than this one.`;
    case 'quarantined':
      return `Notes ${version} did not start on this computer. It is left alone until a newer one comes.`;
    case 'skipped':
      return `You skipped Notes ${version}.`;
    case 'no-artifact':
    case 'requires':
      return message;
  }
}

export const pauseTexts: Readonly<Record<PausedState['reason'], string>> = {
  user: 'What has arrived is kept.',
  offline: 'You are offline. It goes on when the network is back.',
  policy: 'It goes on by itself when battery, network or hours allow.',
};
