import { fillText } from './fill-text.ts';

/** What prevents this installation from updating, or an update from being installed. */
export type Obstacle =
  | 'development'
  /** `store` */
  | 'managed-by-store'
  | 'unsupported'
  /** `path` */
  | 'package-changed'
  /** `detail` */
  | 'files-unreadable'
  | 'policy-invalid'
  | 'policy-off'
  /** `detail` */
  | 'misconfigured'
  /** `path` */
  | 'moved'
  /** `path`, `detail` */
  | 'cannot-replace'
  /** `path` */
  | 'not-a-file'
  /** `path` */
  | 'other-owner'
  /** `path` */
  | 'read-only-disk'
  /** `path` */
  | 'folder-locked'
  /** `path` */
  | 'folder-shared'
  | 'fixed-place'
  | 'network-folder'
  | 'permission-refused'
  | 'disk-full';

/** What a person can do about an {@link Obstacle}. */
export type Remedy =
  /** `command` */
  | 'run-command'
  /** `command` */
  | 'package-app'
  | 'install-by-hand'
  | 'reinstall-package'
  | 'restart-app'
  /** `command` */
  | 'copy-app'
  | 'start-app-itself'
  | 'move-to-applications'
  | 'install-locally'
  | 'ask-administrator'
  /** `command` */
  | 'run-as-administrator'
  | 'move-app'
  | 'free-space';

/** An explanation without words. Each language has a text for each reason and remedy. Plain data. */
export interface Explanation {
  readonly reason: Obstacle;
  readonly remedy?: Remedy;
  /** Values for the texts: `path`, `command`, `store`, `detail`. */
  readonly params: Readonly<Record<string, string>>;
}

export type ExplanationTexts = { readonly [O in Obstacle as `obstacle.${O}`]: string } & {
  readonly [R in Remedy as `remedy.${R}`]: string;
};

export const englishExplanations: ExplanationTexts = {
  'obstacle.development': 'Updates are off in development.',
  'obstacle.managed-by-store': '{store} keeps this app up to date.',
  'obstacle.unsupported': 'This installation cannot update itself.',
  'obstacle.package-changed':
    'This copy of the app was not installed by a package manager, or was changed since: {path}',
  'obstacle.files-unreadable': 'The files of the app cannot be read: {detail}',
  'obstacle.policy-invalid': 'The policy file of this device cannot be used.',
  'obstacle.policy-off': 'The administrator of this device turned updates off.',
  'obstacle.misconfigured': '{detail}',
  'obstacle.moved': 'The app was moved or deleted: {path} is not there any more.',
  'obstacle.cannot-replace': '{path} cannot be replaced: {detail}',
  'obstacle.not-a-file': '{path} is not a regular file.',
  'obstacle.other-owner': 'The app at {path} belongs to another user.',
  'obstacle.read-only-disk': 'The app at {path} lies on a read-only disk.',
  'obstacle.folder-locked': 'You may not change the folder of {path}.',
  'obstacle.folder-shared': 'Other users can change the folder of {path}.',
  'obstacle.fixed-place': 'The app cannot be replaced where it is.',
  'obstacle.network-folder': 'The app runs from a network folder.',
  'obstacle.permission-refused': 'The permission to install was not given.',
  'obstacle.disk-full': 'There is not enough disk space to install.',
  'remedy.run-command': 'To do it now, run: {command}',
  'remedy.package-app': 'Package the app to try them, for example with: {command}',
  'remedy.install-by-hand': 'Download the new version from the website of the app, and install it yourself.',
  'remedy.reinstall-package': 'Install the app with its package again.',
  'remedy.restart-app': 'Quit the app and start it again.',
  'remedy.copy-app': 'Copy it to a folder of your own and start it there: {command}',
  'remedy.start-app-itself': 'Start the app itself, not a link to it.',
  'remedy.move-to-applications':
    'Move it to the Applications folder with the Finder, open it there, and check for updates again.',
  'remedy.install-locally': 'Install it on this computer, then check for updates again.',
  'remedy.ask-administrator': 'Ask the administrator of this device.',
  'remedy.run-as-administrator': 'Try again, or let an administrator run: {command}',
  'remedy.move-app': 'Move it to a folder of your own.',
  'remedy.free-space': 'Free some space, and try again.',
};

/** An explanation in words: what the obstacle is, and what helps. `how` is empty if nothing helps. Pure. */
export function explain(
  { reason, remedy, params }: Explanation,
  texts: ExplanationTexts = englishExplanations,
  fill: (text: string, values: Readonly<Record<string, string>>) => string = fillText,
): { readonly what: string; readonly how: string } {
  const how = remedy === undefined ? '' : fill(texts[`remedy.${remedy}`], params);
  return { what: fill(texts[`obstacle.${reason}`], params), how };
}

/** The explanation for a configuration with which updates cannot work. Pure. */
export function misconfigured({ message }: Pick<Error, 'message'>): Explanation {
  return { reason: 'misconfigured', params: { detail: message } };
}

/** Both sentences, in English: for logs, errors and reports. Pure. */
export function inEnglish(explanation: Explanation): string {
  const { what, how } = explain(explanation);
  return `${what} ${how}`.trim();
}
