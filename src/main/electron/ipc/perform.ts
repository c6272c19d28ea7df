import { assertNever } from '../../../shared/assert-never.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { IpcCall } from '../../../shared/ipc.ts';
import type { ChannelPreview, DiagnosticReport, HistoryEntry } from '../../../shared/state.ts';
import type { Updater } from '../../manager/updater.ts';

/** What the main process lets pages do with channels. */
export interface Consent {
  readonly channels?: readonly string[];
  readonly confirmDowngrade?: (preview: ChannelPreview) => boolean | Promise<boolean>;
}

/** What an answer contains besides the info. */
export interface Extra {
  readonly preview?: ChannelPreview;
  readonly history?: readonly HistoryEntry[];
  readonly report?: DiagnosticReport;
}

/** Performs a page's call. @throws UpdateError `IPC_FORBIDDEN` without consent, and the errors of the updater */
export async function perform(updater: Updater, call: IpcCall, consent: Consent): Promise<Extra> {
  switch (call.method) {
    case 'info':
      return {};
    case 'check':
    case 'download':
    case 'skip':
      await updater[call.method]();
      return {};
    case 'pause':
    case 'resume':
    case 'cancel':
      updater[call.method]();
      return {};
    case 'install':
      await updater.install(call.at);
      return {};
    case 'remindLater':
      await updater.remindLater(call.ms);
      return {};
    case 'previewChannel':
      assertChannelChoice(call.channel, consent);
      return { preview: await updater.previewChannel(call.channel) };
    case 'setChannel':
      assertChannelChoice(call.channel, consent);
      await switchChannel(updater, call.channel, call.allowDowngrade === true, consent);
      return {};
    case 'history':
      return { history: await updater.history() };
    case 'diagnostics':
      return { report: await updater.diagnostics() };
    default:
      return assertNever(call);
  }
}

function assertChannelChoice(channel: string, { channels = [] }: Consent): void {
  if (channels.includes(channel)) return;
  throw new UpdateError('IPC_FORBIDDEN', 'This page may not switch to that channel.');
}

/** A page cannot consent to an older version. The main process asks the user. */
async function switchChannel(updater: Updater, channel: string, downgrade: boolean, consent: Consent): Promise<void> {
  if (!downgrade) {
    await updater.setChannel(channel);
    return;
  }
  if (consent.confirmDowngrade === undefined) {
    throw new UpdateError('IPC_FORBIDDEN', 'This page may not switch to an older version.');
  }
  const preview = await updater.previewChannel(channel);
  if (preview.needsConsent && !(await consent.confirmDowngrade(preview))) {
    throw new UpdateError('IPC_FORBIDDEN', 'The switch to an older version was declined.');
  }
  await updater.setChannel(channel, { allowDowngrade: preview.needsConsent });
}
