import { expect, it } from 'vitest';

import { explain } from '../../../shared/explanation.ts';
import { userLocationVerdict, type UserLocation, type LocationFacts } from './user-location.ts';

const image: UserLocation = { path: '/mnt/My Notes.AppImage', kind: 'appimage', move: '/mnt/My Notes.AppImage' };
const portable: UserLocation = { path: '/srv/notes/notes', kind: 'portable', move: '/srv/notes' };
const own = { found: 'file', isOwn: true, folder: 'writable' } as const;
const copyImage =
  "Copy it to a folder of your own and start it there: mkdir -p ~/Applications && cp -a '/mnt/My Notes.AppImage' ~/Applications/";
const copyDirectory =
  'Copy it to a folder of your own and start it there: mkdir -p ~/Applications && cp -a /srv/notes ~/Applications/';

it.each<[string, UserLocation, LocationFacts]>([
  ['an AppImage of this user', image, own],
  ['a portable app of this user', portable, own],
  ['a portable app that was updated before', portable, { ...own, found: 'link' }],
  ['an AppImage in a folder that others can write', image, { ...own, folder: 'shared' }],
])('%s may be replaced', (_what, place, facts) => {
  expect(userLocationVerdict(place, facts)).toEqual({ ok: true });
});

it.each<[string, UserLocation, LocationFacts, what: string, how: string]>([
  [
    'an AppImage of another user',
    image,
    { ...own, isOwn: false },
    'The app at /mnt/My Notes.AppImage belongs to another user.',
    copyImage,
  ],
  [
    'an AppImage on a read-only disk',
    image,
    { ...own, folder: 'read-only disk' },
    'The app at /mnt/My Notes.AppImage lies on a read-only disk.',
    copyImage,
  ],
  [
    'a portable app in a folder that its user cannot write',
    portable,
    { ...own, folder: 'not writable' },
    'You may not change the folder of /srv/notes/notes.',
    copyDirectory,
  ],
  [
    'a portable app in a folder that others can write',
    portable,
    { ...own, folder: 'shared' },
    'Other users can change the folder of /srv/notes/notes.',
    copyDirectory,
  ],
  [
    'a portable app of another user',
    portable,
    { ...own, found: 'link', isOwn: false },
    'The app at /srv/notes/notes belongs to another user.',
    copyDirectory,
  ],
  [
    'an AppImage that is started by a link',
    image,
    { ...own, found: 'link' },
    '/mnt/My Notes.AppImage is not a regular file.',
    'Start the app itself, not a link to it.',
  ],
  [
    'a directory in its place',
    portable,
    { ...own, found: 'other' },
    '/srv/notes/notes is not a regular file.',
    'Start the app itself, not a link to it.',
  ],
  [
    'an AppImage that was moved',
    image,
    { found: 'nothing' },
    'The app was moved or deleted: /mnt/My Notes.AppImage is not there any more.',
    'Quit the app and start it again.',
  ],
  [
    'a place that cannot be inspected',
    portable,
    { found: 'error', text: 'EIO: i/o error' },
    '/srv/notes/notes cannot be replaced: EIO: i/o error',
    copyDirectory,
  ],
])('%s needs a person', (_what, place, facts, what, how) => {
  const verdict = userLocationVerdict(place, facts);
  if (verdict.ok) throw new Error('It may be replaced.');
  expect({ state: verdict.state, ...explain(verdict.explanation) }).toEqual({ state: 'needs-attention', what, how });
});
