/** Electron's fuses in the order of its wire: https://github.com/electron/fuses */
const names = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const;

export type Fuse = (typeof names)[number];

const mark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** The fuse wire of a program: a sentinel, the version 1, the length, and one character per fuse. */
export function readFuses(program: Buffer): Readonly<Partial<Record<Fuse, boolean>>> {
  const start = startOfFuses(program);
  return Object.fromEntries(
    names.map((name, at) => [name, program.toString('latin1', start + at, start + at + 1) === '1']),
  );
}

/** Changes fuses in the bytes of a program. */
export function setFuses(program: Buffer, fuses: Readonly<Partial<Record<Fuse, boolean>>>): void {
  const start = startOfFuses(program);
  for (const [at, name] of names.entries()) {
    const value = fuses[name];
    if (value !== undefined) program.write(value ? '1' : '0', start + at, 'latin1');
  }
}

/** A fuse wire as in a program. `on` lists in order which fuses are on. */
export function fuseWire(on: string): string {
  return `${mark}${String.fromCharCode(1, on.length)}${on}`;
}

function startOfFuses(program: Buffer): number {
  const at = program.indexOf(mark);
  if (at === -1) throw new Error('This program has no fuses: it is not Electron.');
  return at + mark.length + 2;
}
