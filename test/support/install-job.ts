import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { AppFacts, InstallJob } from '../../src/main/ports.ts';
import { openVerified } from '../../src/main/staging/verified-file.ts';
import type { ArtifactKind } from '../../src/shared/artifact-kinds.ts';
import { trustedTarget } from './trusted-target.ts';

export interface TestJob {
  readonly directory: string;
  readonly bytes: Uint8Array;
  readonly kind: ArtifactKind;
  /** File name of the artifact. */
  readonly name: string;
  readonly relaunch?: readonly string[];
}

/** A job for a hook: 1.0.0 is installed, `bytes` are a verified 1.1.0. */
export async function installJob({ directory, bytes, kind, name, relaunch }: TestJob): Promise<InstallJob> {
  const path = join(directory, 'staged', '1.1.0', basename(name));
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  const target = trustedTarget(bytes, { path: `org.example.notes/releases/1.1.0/${name}` });
  const query = {
    app: 'org.example.notes',
    channel: 'stable',
    target: { platform: 'linux', arch: 'x64' },
  } as const;
  const artifact = {
    kind,
    path: target.path,
    length: target.length,
    sha256: target.hashes.sha256 ?? '',
    arches: ['x64'],
  } as const;
  const release = {
    version: '1.1.0',
    releasedAt: '2026-11-22T10:00:00Z',
    notes: {},
    critical: false,
    withdrawn: false,
    artifacts: [artifact],
  };
  return {
    staged: { query, version: '1.1.0', kind, path, stagedAt: '2026-11-22T10:00:00Z' },
    trusted: { query, release, artifact, target },
    file: await openVerified(path, target),
    fromVersion: '1.0.0',
    relaunch,
  };
}

/** An installed app on another operating system, as the plugin would see it there. */
export function foreignFacts(given: Partial<AppFacts>): AppFacts {
  return {
    name: 'Notes',
    version: '1.0.0',
    isPackaged: true,
    platform: 'win32',
    arch: 'x64',
    nativeArch: 'x64',
    systemVersion: '10.0.26100',
    execPath: '',
    resourcesPath: '',
    argv: [],
    env: {},
    stateHome: '',
    locale: 'en',
    ...given,
  };
}
