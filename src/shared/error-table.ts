/** The kinds of errors that a person can tell apart. `untrusted` is an attack or a mistake that the updater stopped. */
export type ErrorReason = 'offline' | 'server' | 'clock' | 'disk' | 'untrusted' | 'permission' | 'other';

/** What one error code means. */
export interface ErrorRow {
  /** Whether the same call can succeed later without any action. */
  readonly retriable: boolean;
  readonly reason: ErrorReason;
  /** What an install that fails with this code does with the staged update. */
  readonly afterInstall: 'keep' | 'discard' | 'ask-person';
  /** Whether the same request to the same server can succeed: at once, after the network has changed, or not at all. */
  readonly retrySameServer: 'soon' | 'later' | 'never';
  /**
   * What a person can do. `own-words` means that the error's message is written for the user, and contains at most versions,
   * channels and times.
   */
  readonly advice: Advice | 'own-words';
  /** One sentence: what went wrong. */
  readonly summary: string;
}

type Advice = keyof typeof advices;

/** What a person can do about an error, in sentences that follow the summary. */
export const advices = {
  'try-later': 'Try again later.',
  'install-by-hand': 'If that stays so, install the newest version by hand.',
  refused: 'It was refused, and nothing was changed. Try again later.',
  'free-space': 'Free some space, and try again.',
  'check-network': 'Check the network, and try again.',
  'check-proxy': 'Check the settings of the network, and try again.',
  'move-app': 'Move it to where you may change it, or ask an administrator.',
  'give-permission': 'Try again, and give it.',
  'close-instance': 'Close it, and try again.',
  'close-window': 'Close it, or quit the app, to install the update.',
  'next-start': 'The update is installed at the next start.',
  'check-again': 'Check for updates again.',
  'start-again': 'Start it again when you want it.',
  'set-clock': 'Set it, and try again.',
  'try-later-or-set-clock': 'Try again later. If that does not help, check the clock of this device.',
} as const;

// prettier-ignore
const rows = {
  // A person or the app stopped the operation, in any phase.
  CANCELLED:                 { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'start-again',            summary: 'The operation was cancelled.' },
  // The configuration of an app or a publisher is wrong.
  OPTIONS_INVALID:           { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'An option is wrong.' },
  OPTIONS_CONFIG_MISSING:    { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The embedded update configuration is missing.' },
  OPTIONS_CONFIG_INVALID:    { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The embedded update configuration cannot be read.' },
  // The client cannot verify, or refuses to trust. A person is told apart "offline", "expired" and "attacked".
  TRUST_OFFLINE:             { retriable: true,  reason: 'offline',    afterInstall: 'discard',    retrySameServer: 'later', advice: 'check-network',          summary: 'The update repository cannot be reached.' },
  TRUST_SERVER:              { retriable: true,  reason: 'server',     afterInstall: 'discard',    retrySameServer: 'later', advice: 'try-later',              summary: 'The update repository answered with an error.' },
  TRUST_FILE_MISSING:        { retriable: true,  reason: 'server',     afterInstall: 'discard',    retrySameServer: 'later', advice: 'try-later',              summary: 'The repository lacks a file that it announces.' },
  TRUST_EXPIRED:             { retriable: true,  reason: 'server',     afterInstall: 'discard',    retrySameServer: 'later', advice: 'try-later-or-set-clock', summary: 'The update metadata has expired.' },
  TRUST_CLOCK:               { retriable: true,  reason: 'clock',      afterInstall: 'discard',    retrySameServer: 'later', advice: 'set-clock',              summary: 'The clock of this device seems to be wrong.' },
  TRUST_ROOT_INVALID:        { retriable: false, reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The root of trust cannot be used.' },
  TRUST_UNSIGNED:            { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'Update metadata is not signed by enough trusted keys.' },
  TRUST_ROLLBACK:            { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'The repository offers older metadata than was seen before.' },
  TRUST_MISMATCH:            { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'Update metadata or content does not match what was signed.' },
  TRUST_MALFORMED:           { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'Update metadata is malformed.' },
  TRUST_TOO_LARGE:           { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'Update metadata is larger than allowed.' },
  TRUST_TARGET_UNKNOWN:      { retriable: true,  reason: 'server',     afterInstall: 'discard',    retrySameServer: 'later', advice: 'try-later',              summary: 'The repository does not list this target.' },
  TRUST_TARGET_PATH:         { retriable: false, reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'never', advice: 'install-by-hand',        summary: 'A target path is not allowed.' },
  TRUST_HASH_UNSUPPORTED:    { retriable: false, reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'never', advice: 'install-by-hand',        summary: 'A target lists no hash that can be verified.' },
  TRUST_PUBLISHER_UNSIGNED:  { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'The release index is not signed by enough publisher keys.' },
  TRUST_PUBLISHER_ROLLBACK:  { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'The release index is older than one that was seen before.' },
  TRUST_INDEX_INVALID:       { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'The release index is not valid.' },
  TRUST_INDEX_SCHEMA:        { retriable: false, reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The release index needs a newer version of this app.' },
  TRUST_INDEX_CONFUSED:      { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'The release index belongs to another app, channel or platform.' },
  TRUST_PROVENANCE_INVALID:  { retriable: false, reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'never', advice: 'refused',                summary: 'The proof of where a file was built does not verify.' },
  TRUST_PROVENANCE_MISMATCH: { retriable: false, reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'never', advice: 'refused',                summary: 'A file was not built where it should have been.' },
  TRUST_DISAGREE:            { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'The release index and the TUF metadata disagree.' },
  TRUST_STORE:               { retriable: true,  reason: 'disk',       afterInstall: 'discard',    retrySameServer: 'later', advice: 'try-later',              summary: 'The trust store cannot be read or written.' },
  // No release can be chosen from a trusted index.
  RELEASE_NOT_FOUND:         { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'own-words',              summary: 'The channel has no such release.' },
  RELEASE_NO_ARTIFACT:       { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'own-words',              summary: 'The release has no file for this platform and kind of installation.' },
  // A trusted target could not be downloaded and verified.
  DOWNLOAD_OFFLINE:          { retriable: true,  reason: 'offline',    afterInstall: 'keep',       retrySameServer: 'soon',  advice: 'check-network',          summary: 'The download server cannot be reached.' },
  DOWNLOAD_DNS:              { retriable: true,  reason: 'offline',    afterInstall: 'keep',       retrySameServer: 'later', advice: 'check-network',          summary: 'The name of the download server cannot be found.' },
  DOWNLOAD_TLS:              { retriable: true,  reason: 'server',     afterInstall: 'keep',       retrySameServer: 'never', advice: 'try-later',              summary: 'The download server cannot prove who it is.' },
  DOWNLOAD_PROXY:            { retriable: true,  reason: 'offline',    afterInstall: 'keep',       retrySameServer: 'later', advice: 'check-proxy',            summary: 'The proxy is not there, or lets nothing through.' },
  DOWNLOAD_PROTOCOL:         { retriable: true,  reason: 'server',     afterInstall: 'keep',       retrySameServer: 'never', advice: 'try-later',              summary: 'The download server does not answer as HTTP requires.' },
  DOWNLOAD_TIMEOUT:          { retriable: true,  reason: 'offline',    afterInstall: 'keep',       retrySameServer: 'soon',  advice: 'try-later',              summary: 'The download stalled.' },
  DOWNLOAD_HTTP_STATUS:      { retriable: true,  reason: 'server',     afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The download server answered with an error.' },
  DOWNLOAD_NOT_FOUND:        { retriable: true,  reason: 'server',     afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The download server does not have the file.' },
  DOWNLOAD_INSECURE_URL:     { retriable: false, reason: 'server',     afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'A download address is not HTTPS.' },
  DOWNLOAD_REDIRECT:         { retriable: true,  reason: 'server',     afterInstall: 'keep',       retrySameServer: 'never', advice: 'try-later',              summary: 'The download server redirects too often or to a forbidden address.' },
  DOWNLOAD_TOO_LONG:         { retriable: true,  reason: 'untrusted',  afterInstall: 'keep',       retrySameServer: 'never', advice: 'try-later',              summary: 'The server sent more bytes than were signed.' },
  DOWNLOAD_TRUNCATED:        { retriable: true,  reason: 'server',     afterInstall: 'keep',       retrySameServer: 'soon',  advice: 'try-later',              summary: 'The server sent fewer bytes than were signed.' },
  DOWNLOAD_MISMATCH:         { retriable: true,  reason: 'untrusted',  afterInstall: 'keep',       retrySameServer: 'never', advice: 'refused',                summary: 'The downloaded bytes are not the ones that were signed.' },
  DOWNLOAD_BUSY:             { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'Another process is downloading the same file.' },
  DOWNLOAD_DISK_FULL:        { retriable: true,  reason: 'disk',       afterInstall: 'keep',       retrySameServer: 'later', advice: 'free-space',             summary: 'There is not enough disk space.' },
  DOWNLOAD_DISK:             { retriable: true,  reason: 'disk',       afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The file cannot be written.' },
  DOWNLOAD_INDEX_INVALID:    { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'A chunk index cannot be used.' },
  DOWNLOAD_PATCH_INVALID:    { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'A patch cannot be used.' },
  // A staged artifact cannot be used.
  STAGE_DISK_FULL:           { retriable: true,  reason: 'disk',       afterInstall: 'keep',       retrySameServer: 'later', advice: 'free-space',             summary: 'There is not enough disk space to keep the update.' },
  STAGE_DISK:                { retriable: true,  reason: 'disk',       afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The staging directory cannot be used.' },
  STAGE_CHANGED:             { retriable: true,  reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'later', advice: 'refused',                summary: 'The staged update changed since it was verified.' },
  STAGE_OUTDATED:            { retriable: false, reason: 'other',      afterInstall: 'discard',    retrySameServer: 'never', advice: 'check-again',            summary: 'The staged update is not to be installed any more.' },
  STAGE_NOTHING:             { retriable: false, reason: 'other',      afterInstall: 'discard',    retrySameServer: 'never', advice: 'install-by-hand',        summary: 'No update is staged.' },
  STAGE_BUSY:                { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'Another process is working on the staged update.' },
  // An install hook could not replace the installed app. The installed app keeps working in every case.
  INSTALL_UNSUPPORTED:       { retriable: false, reason: 'other',      afterInstall: 'ask-person', retrySameServer: 'never', advice: 'install-by-hand',        summary: 'This installation cannot update itself.' },
  INSTALL_READ_ONLY:         { retriable: false, reason: 'permission', afterInstall: 'ask-person', retrySameServer: 'never', advice: 'move-app',               summary: 'The app cannot be replaced where it is installed.' },
  INSTALL_ELEVATION_REFUSED: { retriable: true,  reason: 'permission', afterInstall: 'ask-person', retrySameServer: 'later', advice: 'give-permission',        summary: 'The permission to install was not given.' },
  INSTALL_DISK_FULL:         { retriable: true,  reason: 'disk',       afterInstall: 'ask-person', retrySameServer: 'later', advice: 'free-space',             summary: 'There is not enough disk space to install.' },
  INSTALL_FAILED:            { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The update could not be installed.' },
  INSTALL_VERIFY:            { retriable: false, reason: 'untrusted',  afterInstall: 'discard',    retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The file to install is not the one that was verified.' },
  INSTALL_DOWNGRADE:         { retriable: false, reason: 'untrusted',  afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The file to install is older than the installed app.' },
  INSTALL_OTHER_INSTANCE:    { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'close-instance',         summary: 'Another instance of the app is running.' },
  INSTALL_VETOED:            { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'close-window',           summary: 'A window of the app did not close.' },
  INSTALL_SHUTTING_DOWN:     { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'next-start',             summary: 'The session is ending.' },
  INSTALL_UNHEALTHY:         { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The new version did not start.' },
  // A call from a renderer was refused, or a call came in the wrong state.
  IPC_FORBIDDEN:             { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'own-words',              summary: 'This page may not control updates.' },
  IPC_BAD_REQUEST:           { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'own-words',              summary: 'The call has the wrong form.' },
  IPC_RATE_LIMITED:          { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'own-words',              summary: 'Too many calls.' },
  IPC_DISCONNECTED:          { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'own-words',              summary: 'The update manager does not answer.' },
  MANAGER_WRONG_STATE:       { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'own-words',              summary: 'This is not possible right now.' },
  MANAGER_CRITICAL:          { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'own-words',              summary: 'A critical update cannot be skipped.' },
  MANAGER_POLICY:            { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'own-words',              summary: 'The administrator of this device decides that.' },
  MANAGER_UNEXPECTED:        { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'Something unexpected went wrong.' },
  // The `electron-tuf` command refuses its input, or could not finish.
  PUBLISH_INPUT:             { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The files to publish are not complete or not valid.' },
  PUBLISH_KEY:               { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The publisher key cannot be used.' },
  PUBLISH_IMMUTABLE:         { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'Other bytes are already published under this path.' },
  PUBLISH_UNREACHABLE:       { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The RSTUF API cannot be reached.' },
  PUBLISH_UNAUTHORISED:      { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The RSTUF API refused the credentials.' },
  PUBLISH_API:               { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The RSTUF API answered with an error.' },
  PUBLISH_TASK_FAILED:       { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'RSTUF could not finish the task.' },
  PUBLISH_NOT_COVERED:       { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'No delegated role covers the path.' },
  PUBLISH_TIMEOUT:           { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'RSTUF did not finish in time.' },
  PUBLISH_NOT_CONFIRMED:     { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The published files cannot be seen by a client yet.' },
  PUBLISH_NOT_SERVED:        { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The content server does not have the files.' },
  PUBLISH_CONFLICT:          { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'Another publisher changed the release index meanwhile.' },
  PUBLISH_CONTENT:           { retriable: true,  reason: 'other',      afterInstall: 'keep',       retrySameServer: 'later', advice: 'try-later',              summary: 'The content store cannot be written.' },
  REPOSITORY_STATE:          { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'The directory of the embedded repository cannot be used.' },
  PUBLISH_PATCH_TOO_LARGE:   { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'A patch needs more memory than there is.' },
  PUBLISH_TOOLS:             { retriable: false, reason: 'other',      afterInstall: 'keep',       retrySameServer: 'never', advice: 'install-by-hand',        summary: 'A program that publishing needs is missing or failed.' },
} as const;

/** The stable code of an error. Apps may switch on it. */
export type UpdateErrorCode = keyof typeof rows;

/** Codes of installs that only a person can resolve. */
export type AskPersonCode = {
  [C in UpdateErrorCode]: (typeof rows)[C]['afterInstall'] extends 'ask-person' ? C : never;
}[UpdateErrorCode];

/** Every error code and its meaning. A test compares `docs/errors.md` with it. */
export const errorCodes: Readonly<Record<UpdateErrorCode, ErrorRow>> = rows;
