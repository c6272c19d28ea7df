import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

import { requires } from '../support/requires.ts';
import { manualCommand } from '../../src/main/install/hooks/native-package/manual-command.ts';

it('leaves words without special characters unchanged', () => {
  expect(manualCommand('/opt/Notes/resources/update/install-update', ['/home/ann/.local/state/x'])).toBe(
    'sudo /opt/Notes/resources/update/install-update /home/ann/.local/state/x',
  );
});

const words = [
  '/opt/My Notes',
  `it's "quoted"`,
  '%VAR%',
  '$HOME `id` $(id) \\n',
  'two\nlines\tand \\ a tab',
  'ünïcödé 🙂',
  '-rf',
  '*',
  '',
  '\u0001\u007f',
];

it('runs in a shell with any characters in its words', requires('bash'), () => {
  const command = manualCommand(words[0] ?? '', words.slice(1)).replace(/^sudo /, 'printf "%s\\0" ');
  const typed = execFileSync('bash', ['-c', command], { encoding: 'utf8' });
  expect(typed.split('\0').slice(0, -1)).toEqual(words);
});
