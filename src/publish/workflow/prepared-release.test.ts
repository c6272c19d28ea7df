import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { releaseIndexPayloadType } from '../../shared/release-index.ts';
import { readPreparedFile } from './prepared-release.ts';

const keyid = 'a'.repeat(64);
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'prepared-'));
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

interface Forgery {
  readonly app?: string;
  readonly channel?: string;
  readonly path?: string;
  readonly signer?: string;
}

function envelopeOf({ app = 'org.example.notes', channel = 'stable', path, signer = keyid }: Forgery): object {
  const file = {
    path: path ?? 'org.example.notes/releases/1.0.0/Notes.AppImage',
    length: 1,
    sha256: keyid,
    kind: 'appimage',
    arches: ['x64'],
  };
  const releases = [{ version: '1.0.0', releasedAt: '2026-01-01T00:00:00Z', artifacts: [file] }];
  const index = { schema: 1, revision: 1, app, channel, platform: 'linux', arch: 'x64', releases };
  return {
    payloadType: releaseIndexPayloadType,
    payload: Buffer.from(JSON.stringify(index)).toString('base64'),
    signatures: [{ keyid: signer, sig: 'AAAA' }],
  };
}

async function read(...forgeries: readonly Forgery[]): Promise<unknown> {
  const file = join(directory, 'release.json');
  await writeFile(file, JSON.stringify({ schema: 1, envelopes: forgeries.map(envelopeOf) }));
  return readPreparedFile(file);
}

describe('a prepared file', () => {
  it('is read with every index in it', async () => {
    await expect(read({}, { channel: 'beta' })).resolves.toMatchObject([
      { index: { app: 'org.example.notes', channel: 'stable' } },
      { index: { app: 'org.example.notes', channel: 'beta' } },
    ]);
  });

  it.each([
    { about: 'escape codes as its app id', forgeries: [{ app: 'org.example\u001b[2J.notes' }] },
    { about: 'a line break in its channel', forgeries: [{ channel: 'stable\nbeta' }] },
    { about: 'words as a key id', forgeries: [{ signer: 'already checked by your colleague' }] },
    { about: "another app's artifact", forgeries: [{ path: 'org.example.other/releases/1.0.0/Notes.AppImage' }] },
    {
      about: 'indexes of two apps',
      forgeries: [{}, { app: 'org.example.other', path: 'org.example.other/releases/1.0.0/Notes.AppImage' }],
    },
  ])('is refused before a person sees it when it has $about', async ({ forgeries }) => {
    await expect(read(...forgeries)).rejects.toMatchObject({ code: 'PUBLISH_INPUT' });
  });
});
