import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';

import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { systemCode, textOf } from '../../../shared/errors.ts';
import { parseJsonText } from '../../../shared/json-text.ts';
import { type BuilderFacts, type BuilderSettings, hook, type PlatformSettings } from '../checks/builder.ts';

const readable = ['electron-builder.yml', 'electron-builder.yaml', 'electron-builder.json'];
const unreadable = [
  'json5',
  'toml',
  'config.js',
  'config.cjs',
  'config.mjs',
  'config.ts',
  'js',
  'cjs',
  'mjs',
  'ts',
].map((extension) => `electron-builder.${extension}`);

type Table = Readonly<Record<string, unknown>>;

/**
 * Reads the configuration from where electron-builder reads it.
 * @param file the file of `--config`, if the option is given
 */
export async function readBuilderConfig(project: string, file: string | undefined): Promise<BuilderFacts> {
  for (const name of file === undefined ? [...readable, ...unreadable] : [file]) {
    const text = await textIn(resolve(project, name));
    if (text === undefined) continue;
    if (!/\.(ya?ml|json)$/.test(name)) return { type: 'unread', file: name, namesHook: text.includes(hook) };
    return parseConfig(name, text, project);
  }
  const manifest = file === undefined ? await textIn(join(project, 'package.json')) : undefined;
  const build = manifest === undefined ? undefined : buildIn(manifest);
  if (build === undefined) return { type: 'missing' };
  return { type: 'read', file: 'package.json', settings: await settingsOf(build, project) };
}

async function parseConfig(name: string, text: string, project: string): Promise<BuilderFacts> {
  const file = basename(name);
  try {
    // The YAML parser also reads JSON.
    const config: unknown = parse(text);
    if (!isTable(config)) return { type: 'invalid', file, message: 'it is not an object.' };
    return { type: 'read', file, settings: await settingsOf(config, project) };
  } catch (error) {
    return { type: 'invalid', file, message: textOf(error) };
  }
}

async function settingsOf(config: Table, project: string): Promise<BuilderSettings> {
  const { afterPack, electronFuses } = config;
  const alsoPlainName = typeof afterPack === 'string' ? afterPack : undefined;
  const runAsNode = isTable(electronFuses) ? electronFuses['runAsNode'] : undefined;
  const platforms = {
    linux: platformOf(config, 'linux'),
    mac: platformOf(config, 'mac'),
    win: platformOf(config, 'win'),
  };
  const publishes = [config, ...Object.keys(platforms).map((name) => tableAt(config, name))];
  return {
    ...omitUndefined({ afterPack: alsoPlainName }),
    hookFileNamesOurs:
      alsoPlainName !== undefined && (await textIn(resolve(project, alsoPlainName)))?.includes(hook) === true,
    publish: publishes.some(({ publish }) => publish !== undefined && publish !== null),
    ...(typeof runAsNode === 'boolean' ? { runAsNode } : {}),
    platforms,
  };
}

function platformOf(config: Table, name: 'linux' | 'mac' | 'win'): PlatformSettings {
  const platform = tableAt(config, name);
  const compression = platform['compression'] ?? config['compression'];
  const artifactNames = [config, platform, ...(name === 'win' ? [tableAt(config, 'nsis')] : [])];
  return {
    configured: isTable(config[name]),
    targets: targetsIn(platform['target']),
    ...(typeof compression === 'string' ? { compression } : {}),
    namesArtifacts: artifactNames.some(({ artifactName }) => typeof artifactName === 'string'),
  };
}

/** `AppImage`, `[AppImage, deb]`, `[{ target: AppImage, arch: [x64] }]` */
function targetsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value.toLowerCase()];
  if (Array.isArray(value)) return value.flatMap(targetsIn);
  return isTable(value) ? targetsIn(value['target']) : [];
}

function buildIn(manifest: string): Table | undefined {
  const parsed = parseJsonText(manifest);
  const build = isTable(parsed) ? parsed['build'] : undefined;
  return isTable(build) ? build : undefined;
}

function tableAt(config: Table, name: string): Table {
  const value = config[name];
  return isTable(value) ? value : {};
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns `undefined` if the file does not exist. */
async function textIn(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
