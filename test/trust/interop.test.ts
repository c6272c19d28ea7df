import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { createClient } from '../../src/main/client.ts';
import { verifyAnchor } from '../../src/main/trust/tuf/verify/verify-metadata.ts';
import { trustedRootFromSigstore } from '../../src/publish/init/fetch-trusted-root.ts';
import { requires } from '../support/requires.ts';
import { manualClock } from '../support/manual-clock.ts';
import { serveDirectory } from '../support/web-server.ts';
import { coded } from '../support/world.ts';
import { checkoutsOf, type InteropSet, interopRoots, interopSets, placeOf, readState } from './interop-sets.ts';

const hourMs = 3_600_000;

describe.each(interopSets)('$name', (set) => {
  const checkouts = requires(checkoutsOf([...set.states, ...(set.trustedRoot === undefined ? [] : [set.trustedRoot])]));
  const last = set.states.length - 1;

  it('is followed, state by state', checkouts, async () => {
    const home = await mkdtemp(join(tmpdir(), 'interop-'));
    const seen = [];
    for (const at of set.states.keys()) seen.push((await look(set, at, { home })).outcome);
    await rm(home, { recursive: true });
    expect(seen).toEqual(set.states.map((state) => readState(placeOf(state)).versions));
  });

  it('is refused after it expired', checkouts, async () => {
    const { expires = 0 } = await look(set, last);
    expect([expires > 0, (await look(set, last, { now: expires })).outcome]).toEqual([true, 'TRUST_EXPIRED']);
  });

  it('is refused if any of its files was tampered with', checkouts, async () => {
    const { files } = await look(set, last);
    const outcomes = [];
    for (const file of files) outcomes.push([file, (await look(set, last, { tampered: file })).outcome]);
    const expected: unknown = expect.stringMatching(/^TRUST_(UNSIGNED|MISMATCH)$/);
    expect([files.length > 3, outcomes]).toEqual([true, files.map((file) => [file, expected])]);
  });
});

interface Looked {
  /** Versions of root and timestamp if the target was looked up and read correctly. Otherwise a code. */
  readonly outcome: unknown;
  /** The earliest expiry of the metadata, if it was accepted. */
  readonly expires: number | undefined;
  /** The files that the client received. */
  readonly files: readonly string[];
}

/** Refreshes a client like a new process from a state, looks its target up and reads it. */
async function look(
  set: InteropSet,
  at: number,
  options: { readonly home?: string; readonly now?: number; readonly tampered?: string } = {},
): Promise<Looked> {
  const [state, target] = [set.states[at] ?? '', set.targets[at] ?? ''];
  const web = await serveDirectory('/nowhere');
  const files = new Set<string>();
  web.answer = async (path, response) => {
    const bytes = await readFile(fileOf(set, state, path)).catch(() => undefined);
    if (bytes !== undefined) files.add(path);
    const sent = bytes && path === options.tampered ? tamperedWith(bytes) : bytes;
    response.sendDate = false; // It would show that the fixed clock is wrong.
    return response.writeHead(sent === undefined ? 404 : 200).end(sent) !== undefined;
  };
  const directory = options.home ?? (await mkdtemp(join(tmpdir(), 'interop-')));
  const client = createClient({
    config: { metadataUrl: `${web.url}/metadata/`, targetsUrls: [`${web.url}/content/`], publisher: 'none' },
    anchor: { type: 'root', bytes: await readFile(fileOf(set, set.states[0] ?? '', '/metadata/1.root.json')) },
    ...(set.trustedRoot === undefined ? {} : { readTrustedRoot: () => readFile(placeOf(set.trustedRoot ?? '')) }),
    directory,
    clock: manualClock(options.now ?? readState(placeOf(state)).expires - hourMs),
    patience: { quick: [], long: [] },
  });
  let expires: number | undefined;
  try {
    const outcome = await coded(async () => {
      const summary = await client.tuf.refresh();
      expires = Date.parse(summary.expires);
      const found = await client.tuf.target(target);
      const bytes = await client.tuf.read(found, 1_000_000);
      return bytes.length === found.length ? [summary.rootVersion, summary.timestampVersion] : 'wrong bytes';
    });
    return { outcome, expires, files: [...files] };
  } finally {
    await client.close();
    await web.close();
    if (options.home === undefined) await rm(directory, { recursive: true });
  }
}

function fileOf({ nameOf = (file) => file, content }: InteropSet, state: string, path: string): string {
  const [, folder = '', file = ''] = /^\/(metadata|content)\/(.*)$/.exec(path) ?? [];
  return join(placeOf(state), folder === 'metadata' ? nameOf(file) : join(content, file));
}

/** Keeps the form of the metadata and adds one member. */
function tamperedWith(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8');
  const altered = text.replace(/"signed":\s*\{/, '$&"tampered":true,');
  return altered === text ? Buffer.from(`x${text.slice(1)}`) : Buffer.from(altered);
}

describe("Sigstore's trusted root", () => {
  const state = 'root-signing/metadata';
  it("is fetched and verified from Sigstore's own repository", requires(checkoutsOf([state])), async () => {
    const web = await serveDirectory('/nowhere');
    const set = interopSets.find(({ states }) => states.includes(state));
    web.answer = async (path, response) => {
      const bytes = set && (await readFile(fileOf(set, state, path)).catch(() => undefined));
      response.sendDate = false;
      return response.writeHead(bytes === undefined ? 404 : 200).end(bytes) !== undefined;
    };
    const from = (now: number): Promise<Uint8Array> =>
      trustedRootFromSigstore({
        metadataUrl: `${web.url}/metadata/`,
        targetsUrls: [`${web.url}/content/`],
        clock: manualClock(now),
      });
    const { expires } = readState(placeOf(state));
    try {
      expect(Buffer.from(await from(expires - hourMs))).toEqual(
        await readFile(placeOf('root-signing/targets/trusted_root.json')),
      );
      expect(await coded(() => from(expires))).toBe('TRUST_EXPIRED');
    } finally {
      await web.close();
    }
  });
});

describe('single roots', () => {
  it('are accepted or refused as anchors', requires(checkoutsOf(interopRoots.map(([root]) => root))), async () => {
    const results = interopRoots.map(async ([root]) => [
      root,
      await coded(async () => (await verifyAnchor(await readFile(placeOf(root)))).version),
    ]);
    expect(await Promise.all(results)).toEqual(interopRoots);
  });
});
