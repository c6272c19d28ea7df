import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { release } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Runs one usage in a process of its own: `child.ts USAGE RESOURCES [OURS]`, where OURS is what stands in for
 * electron-updater, without its ending. Its last line is what came of it.
 */
const [usage = '', resources = '', ours] = process.argv.slice(2);

const electron = new URL('electron.ts', import.meta.url).href;
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron') return { url: electron, shortCircuit: true };
    // "Change one import."
    if (specifier === 'electron-updater' && ours !== undefined) {
      const ending = context.conditions.includes('require') ? 'cjs' : 'mjs';
      return { url: pathToFileURL(`${ours}.${ending}`).href, shortCircuit: true };
    }
    return next(specifier, context);
  },
});
// As in an AppImage: the program lies beside its resources.
process.execPath = join(resources, '../notes');
Object.assign(process, { type: 'browser', resourcesPath: resources, getSystemVersion: release });
Object.defineProperty(process.versions, 'electron', { value: '45.4.1', enumerable: true });

const told: { result?: unknown; failure?: string; warnings: string[] } = { warnings: [] };
console.info = () => undefined;
console.error = () => undefined;
console.warn = (line: unknown) => void told.warnings.push(String(line));
process.on('exit', () => void writeSync(1, `${JSON.stringify(told)}\n`));

try {
  const { run } = (await import(pathToFileURL(usage).href)) as { readonly run: () => Promise<unknown> };
  told.result = (await run()) ?? null;
  // What is under way after that, such as a restart, goes on for a moment.
  if (!usage.includes('restart')) process.exit(0);
} catch (error) {
  told.failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.exit(1);
}
