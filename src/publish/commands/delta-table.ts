import type { DeltaReport } from '../delta/delta-report.ts';
import { adviceFor } from '../decompress/decompress-build.ts';
import { formatBytes } from '../terminal/format.ts';
import { faint, type Terminal } from '../terminal/terminal.ts';

/** Prints what apps will transfer for each artifact: the whole file, a first download, a typical update. */
export function showDeltas(terminal: Terminal, reports: readonly DeltaReport[]): void {
  if (reports.length > 0) {
    const lines = [['', 'file', 'first download', 'update'], ...reports.map(lineOf)];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
    for (const [index, line] of lines.entries()) {
      const cells = line.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      terminal.print(index === 0 ? faint(`  ${cells.join('  ')}`) : `  ${cells.join('  ')}`);
    }
  }
  for (const { path, compressedInside, notes } of reports) {
    for (const note of notes) terminal.warn(note);
    if (compressedInside)
      terminal.warn(`${fileOf(path)} is compressed inside, so its updates stay large. ${adviceFor(fileOf(path))}`);
  }
}

function lineOf({ path, full, pack, index, update }: DeltaReport): readonly string[] {
  const cost = update === undefined ? '' : `${formatBytes(update.bytes)} from ${update.from}`;
  return [fileOf(path), formatBytes(full), formatBytes(pack + index), cost];
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
