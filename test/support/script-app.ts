import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { homeEnvironment } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { createDemoWorld, type DemoWorld, type PublishOptions } from '../../scripts/demo/world.ts';
import { appUser, giveToAppUser } from '../../scripts/electron/app-user.ts';
import { bundleForElectron } from '../../scripts/electron/bundle-main.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { layOutApp } from '../../scripts/electron/lay-out-app.ts';
import { hashFile } from '../../src/files/hash-file.ts';
import { electron } from './electron.ts';

/** A home directory with a version of the app in it. */
export interface ScriptApp {
  readonly home: string;
  readonly executable: string;
  /** Runs the app until it ends; the lines of its stdout. What it starts again itself goes on. */
  run(env: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** The same, without waiting for the end. */
  start(env: Readonly<Record<string, string>>): RunningScriptApp;
  /** The version that is installed, by its bytes. */
  installed(): Promise<string>;
  /** What the app has written into a file of its home, once it is there. */
  written(name: string): Promise<string>;
}

export interface RunningScriptApp {
  /** Of Electron's main process, which takes the place of the script that starts it. */
  readonly pid: number;
  /** The lines of its stdout, once it has ended. */
  readonly ended: Promise<readonly string[]>;
}

/**
 * A real repository with a publisher, and an app of one main file that runs in Electron, without windows. In the place of
 * an AppImage is a script that starts it: for the updater it is as good as one.
 */
export interface ScriptAppWorld {
  readonly directory: string;
  readonly world: DemoWorld;
  publish(version: string, options?: PublishOptions & { readonly size?: number }): Promise<void>;
  install(version: string): Promise<ScriptApp>;
  close(): Promise<void>;
}

/** @param main absolute path of the app's main file */
export async function createScriptAppWorld(main: string): Promise<ScriptAppWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'script-app-'));
  const world = await createDemoWorld(directory);
  const bundle = join(directory, 'bundle');
  await bundleForElectron({ main }, bundle);
  await openDisplay();
  const versions = new Map<string, string>();
  let homes = 0;

  /** The installer of a version. */
  async function build(version: string, size = 0): Promise<string> {
    const program = join(directory, 'programs', version);
    const out = join(directory, 'releases', version);
    const artifact = join(out, `Notes-${version}-linux-${process.arch}.AppImage`);
    if ([...versions.values()].includes(version)) return artifact;
    await mkdir(out, { recursive: true });
    const executable = await layOutApp({
      electron: electron(),
      directory: program,
      program: 'notes',
      description: { name: 'notes', productName: 'Notes', version, main: 'dist/main.mjs' },
      files: bundle,
      update: world.update,
    });
    const script = [
      '#!/bin/sh',
      `export APPIMAGE="$(readlink -f "$0")" APPDIR='${program}' ARGV0="$0" OWD="$PWD"`,
      `exec '${executable}' "$@"`,
      '',
    ].join('\n');
    // The shell reads nothing after `exec`.
    await writeFile(artifact, Buffer.concat([Buffer.from(script), randomBytes(size)]));
    await chmod(artifact, 0o755);
    versions.set(await hashFile(artifact), version);
    return artifact;
  }

  return {
    directory,
    world,
    async publish(version, { size = 0, ...options } = {}) {
      const artifact = await build(version, size);
      await world.publish({ version, directory: resolve(artifact, '..'), artifact, length: 0 }, options);
    },
    async install(version) {
      homes += 1;
      const home = join(directory, 'homes', String(homes));
      const executable = join(home, 'Notes.AppImage');
      await mkdir(join(home, 'tmp'), { recursive: true });
      await copyFile(await build(version), executable);
      await giveToAppUser(home);
      return {
        home,
        executable,
        run: async (env) => start(env).ended,
        start,
        installed: async () => versions.get(await hashFile(executable)) ?? 'something else',
        written: async (name) => untilThere(join(home, name)),
      };

      function start(env: Readonly<Record<string, string>>): RunningScriptApp {
        const child = spawn(executable, [], {
          cwd: home,
          env: { ...homeEnvironment(home), ...env },
          // The fourth: a parent may leave a descriptor open, as AppImage's own runtime does.
          stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
          ...appUser(),
        });
        const errors: Buffer[] = [];
        child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
        const output: Buffer[] = [];
        child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
        const ended = async (): Promise<readonly string[]> => {
          // What it starts again has these pipes, too, and ends as well.
          await once(child, 'close');
          process.stderr.write(withoutChromium(Buffer.concat(errors).toString()));
          return Buffer.concat(output).toString().trimEnd().split('\n');
        };
        return { pid: child.pid ?? 0, ended: ended() };
      }
    },
    async close() {
      await endProcessesOf(directory);
      await world.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Chromium's own log lines tell of the machine, which has no D-Bus and no GPU. */
function withoutChromium(text: string): string {
  return text.replaceAll(/^\[\d+:\d+\/[\d.]+:[A-Z]+:.*\n/gm, '');
}

/** Asks again and again; the test's own time limit ends it. */
async function untilThere(path: string): Promise<string> {
  for (;;) {
    const found = await readFile(path, 'utf8').catch(() => '');
    if (found !== '') return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
