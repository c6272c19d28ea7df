import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';

const directory = resolve(import.meta.dirname, '../../src/publish/commands');
const files = globSync('*.ts', { cwd: directory }).filter((file) => !file.endsWith('.test.ts'));

interface FlagsInterface {
  readonly extended: readonly string[];
  readonly members: readonly string[];
}

const declaration = /^(?:export )?interface (\w*Flags)(?: extends ([\w, ]+))? \{\n([\s\S]*?)^\}/gm;

/** The interfaces of flags in the folder, by name. */
const interfaces = new Map<string, FlagsInterface>(
  files.flatMap((file) =>
    [...readFileSync(join(directory, file), 'utf8').matchAll(declaration)].map(
      ([, name = '', extended = '', body = '']) => [
        name,
        {
          extended: extended.split(', ').filter((word) => word !== ''),
          members: [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member = '']) => member),
        },
      ],
    ),
  ),
);

function membersOf(name: string): readonly string[] {
  const { extended, members } = interfaces.get(name) ?? { extended: [], members: [] };
  return [...members, ...extended.flatMap(membersOf)];
}

async function commandIn(file: string): Promise<Command | undefined> {
  const module = (await import(join(directory, file))) as Record<string, unknown>;
  const make = Object.entries(module).find(([name]) => name.endsWith('Command'))?.[1];
  return typeof make === 'function' ? (make as () => Command)() : undefined;
}

/** commander gives an action its flags untyped, so nothing else holds an interface to the options. */
describe('the flags of electron-tuf', () => {
  it.each(files)('in %s are those that its command takes', async (file) => {
    const command = await commandIn(file);
    const [name] = /\binterface \w+Flags\b/.exec(readFileSync(join(directory, file), 'utf8')) ?? [];
    if (command === undefined || name === undefined) return;
    const options = new Set(command.options.map((option) => option.attributeName()));
    expect(membersOf(name.replace('interface ', '')).toSorted()).toEqual([...options].toSorted());
  });

  it('are found', () => {
    expect({ interfaces: interfaces.size, publish: membersOf('PublishFlags').length }).toEqual({
      interfaces: expect.toSatisfy((size: number) => size >= 12) as number,
      publish: expect.toSatisfy((size: number) => size >= 25) as number,
    });
  });
});
