import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import type {
  InstallHook,
  InstallOutcome,
  InstallRoom,
  InstallVerdict,
  Recovery,
  StagedUpdate,
  StagingRoom,
  TrustRoom,
} from '../ports.ts';
import { chooseHook, type HookChoice } from './choose-hook.ts';
import { type HookContext, hooks } from './hook.ts';
import { seedFiles } from './seed-files.ts';
import { type InstallJournal, type InstallRecord, openInstallJournal } from './install-journal.ts';

export interface InstallRoomOptions extends HookContext {
  readonly trust: TrustRoom;
  readonly staging: StagingRoom;
}

/** Replaces the installed app; each step is journalled, so that the next start finishes or undoes it. */
export async function createInstallRoom(options: InstallRoomOptions): Promise<InstallRoom> {
  const choice = chooseHook(options.facts, await packageType(options.facts.resourcesPath));
  const hook = choice.kind === undefined ? undefined : hooks[choice.kind]?.(options);
  const livePath = options.facts.env['APPIMAGE'] ?? '';
  const journal = openInstallJournal(options.directory, options.logger);

  return {
    kind: hook?.kind,
    canInstall: async () => (hook === undefined ? refusal(choice) : hook.canInstall()),
    recover: async () => (hook === undefined ? { type: 'nothing' } : recover(options, hook, journal, livePath)),
    install: (staged, relaunch) => install(options, hook, journal, livePath, staged, relaunch),
    async confirmHealthy() {
      await hook?.cleanup();
      await journal.clear();
    },
    seeds: async () => seedFiles(options.facts, options.directory, hook),
    quarantined: () => Promise.resolve([]),
  };
}

async function install(
  { facts, directory, trust, staging }: InstallRoomOptions,
  hook: InstallHook | undefined,
  journal: InstallJournal,
  path: string,
  staged: StagedUpdate,
  relaunch: readonly string[] | undefined,
): Promise<InstallOutcome> {
  if (hook === undefined || hook.kind !== staged.kind) {
    throw new UpdateError('INSTALL_UNSUPPORTED', 'This installation can not install the staged update.');
  }
  const trusted = await trust.recall(staged.query, staged.version, staged.kind);
  if (trusted === undefined) {
    await staging.discard();
    throw new UpdateError('STAGE_CHANGED', 'The staged update is not offered any more. Check for updates again.');
  }
  const file = await staging.open(staged, trusted.target);
  try {
    const job = { staged, trusted, file, fromVersion: facts.version, relaunch };
    await hook.prepare(job);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const record: InstallRecord = {
      schema: 1,
      kind: hook.kind,
      path,
      from: { version: facts.version, sha256: await sha256Of(path) },
      to: { version: staged.version, sha256: trusted.artifact.sha256 },
      step: 'replacing',
      starts: 0,
    };
    await journal.write(record);
    const outcome = await hook.commit(job);
    await journal.write({ ...record, step: 'replaced' });
    return outcome;
  } finally {
    await file.close();
  }
}

async function recover(
  { facts, logger }: InstallRoomOptions,
  hook: InstallHook,
  journal: InstallJournal,
  path: string,
): Promise<Recovery> {
  const record = await journal.read();
  if (record === undefined || record.path !== path) return { type: 'nothing' };
  const sha256 = await sha256Of(path);
  if (sha256 === record.to.sha256) {
    const first = record.step !== 'started';
    await journal.write({ ...record, step: 'started', starts: record.starts + 1 });
    if (facts.version !== record.to.version)
      logger.warn(`install: ${facts.version} runs where ${record.to.version} is installed`);
    return first ? { type: 'installed', from: record.from.version, to: record.to.version } : { type: 'nothing' };
  }
  await hook.cleanup();
  await journal.clear();
  return sha256 === record.from.sha256 ? { type: 'undone', version: record.from.version } : { type: 'nothing' };
}

function refusal(choice: HookChoice): InstallVerdict {
  if (choice.kind !== undefined) {
    return {
      ok: false,
      state: 'disabled',
      what: 'This kind of installation can not update itself.',
      how: 'Install new versions by hand.',
    };
  }
  return { ok: false, state: 'disabled', what: choice.what, how: choice.how };
}

async function packageType(resourcesPath: string): Promise<string | undefined> {
  try {
    return await readFile(join(resourcesPath, 'package-type'), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new UpdateError('INSTALL_UNSUPPORTED', `package-type can not be read: ${textOf(error)}.`, { cause: error });
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
