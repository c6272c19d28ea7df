import { englishExplanations } from '../../../../shared/explanation.ts';
import type { DialogStrings } from '../strings.ts';

export const dialogs: DialogStrings = {
  available: '{app} {version} is available.',
  availableCritical: '{app} {version} is available. It is important: please install it soon.',
  availableDetail: 'You have {current}. The download is {size}.',
  upToDate: '{app} is up to date.',
  upToDateDetail: 'You have {current}, the newest version.',
  staged: '{app} {version} is ready.',
  stagedDetail: 'Restart now to use it, or it is installed when you quit.',
  failed: 'The update did not work out. {app} keeps working as it is.',
  reasonOffline: 'The update server cannot be reached. Are you online?',
  reasonServer: 'The update server is not answering as it should. Please try again later.',
  reasonClock: 'The clock of this computer seems to be wrong. Please set it, then try again.',
  reasonDisk: 'The update could not be saved. Is there enough free disk space?',
  reasonUntrusted:
    'What the server offered is not what the publisher signed, so it was refused. Nothing was changed. Please try again later.',
  reasonPermission: '{app} may not be changed where it is, or permission was not given.',
  reasonOther: 'Something unexpected went wrong. Please try again later.',
  attention: 'The update needs your help.',
  rolledBack: '{app} {from} did not start properly, so you have {to} again.',
  rolledBackDetail: 'You need not do anything: {from} will not be offered again.',
  off: 'Updates are off.',
  stale: '{app} may not be up to date.',
  staleDetail: {
    one: 'There has been no fresh news from the update server for {count} day, since {since}.',
    other: 'There has been no fresh news from the update server for {count} days, since {since}.',
  },
  downgrade: 'Switch to {channel} and go back to {version}?',
  downgradeDetail: 'You have {current}. The older version may not understand everything that the newer one saved.',

  download: 'Download',
  later: 'Later',
  skip: 'Skip This Version',
  restart: 'Restart',
  onQuit: 'When I Quit',
  retry: 'Try Again',
  close: 'Close',
  ok: 'OK',
  downgradeYes: 'Go Back',
  downgradeNo: 'Cancel',

  ...englishExplanations,
};
