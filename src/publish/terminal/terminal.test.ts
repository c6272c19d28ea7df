import { afterEach, expect, it, vi } from 'vitest';

import { UpdateError } from '../../shared/errors.ts';
import { createTerminal, faint, strong } from './terminal.ts';

const forged = 'org.example\u001b[2J\u001b[Hnotes\r\nverified';
const shown = 'org.example\\u001b[2J\\u001b[Hnotes\\u000d\\u000averified';

afterEach(() => vi.restoreAllMocks());

function recorded(stream: NodeJS.WriteStream): string[] {
  const lines: string[] = [];
  vi.spyOn(stream, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  return lines;
}

it('writes one line of visible characters, whatever a name or an answer contains', () => {
  const [out, err] = [recorded(process.stdout), recorded(process.stderr)];
  const terminal = createTerminal(false);
  terminal.print(strong(forged), ` is ${forged}, `, faint(forged));
  terminal.note(forged);
  terminal.warn(forged);
  terminal.fail(new UpdateError('PUBLISH_API', forged));
  expect({ out, err }).toEqual({
    out: [`${shown} is ${shown}, ${shown}\n`],
    err: [`${shown}\n`, `warning: ${shown}\n`, `error PUBLISH_API: ${shown}\n`],
  });
});

it('writes JSON that a terminal shows and a program reads back', () => {
  const [out] = [recorded(process.stdout), recorded(process.stderr)];
  createTerminal(true).result({ app: '\u009b2J\u202enotes' });
  expect(out).toEqual(['{"app":"\\u009b2J\\u202enotes"}\n']);
});
