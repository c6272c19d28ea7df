// @module-tag slow
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { processesOf } from '../../scripts/demo/processes.ts';
import type { StudioState } from '../../scripts/demo/studio.ts';
import { look } from '../playwright/look.ts';
import { windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';

const demo = resolve(import.meta.dirname, '../../scripts/demo.ts');

/** `npm run demo`, steered by its control strip. */
describe('the demo', requires(windows, 'chromium'), () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'demo-test-'));
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  it('shows Notes, publishes and breaks things on command, and leaves nothing behind', async () => {
    // Libraries switch on Node's cache of compiled code, which lies in the directory for temporary files.
    const env = { ...process.env, TMPDIR: directory, NODE_DISABLE_COMPILE_CACHE: '1' };
    const child = spawn(process.execPath, [demo, '--picture'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    const url = await controlStrip(child.stdout);
    const act = async (action: string): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(new URL('act', url), { method: 'POST', headers, body: JSON.stringify({ action }) })).status;
    };
    const statuses = [];
    for (const action of [
      'publish-share',
      'complete-rollout',
      'publish-beta',
      'withdraw',
      'forge',
      'publish',
      'tamper',
      'freeze',
      'server',
      'start-app',
    ]) {
      statuses.push(await act(action));
    }
    const unknown = await act('constructor');
    const foreign = await fetch(new URL('act', url), { method: 'POST', body: '{"action":"server"}' });
    const { releases, serverUp, tampering, frozen, log } = await stateOf(url);
    const picture = await firstPicture(url);
    const strip = await lookAtStrip(url);
    child.kill('SIGINT');
    const [code] = (await ended) as [number | null];
    expect({ statuses, unknown, foreign: foreign.status, serverUp, tampering, frozen, picture, strip, code }).toEqual({
      statuses: Array(10).fill(204),
      unknown: 500,
      foreign: 415,
      serverUp: false,
      tampering: true,
      frozen: true,
      picture: 'JPEG',
      strip: {
        wide: [],
        narrow: [],
        pressed: ['Tamper with downloads', 'Hold back new metadata', 'Server down', 'Slow network'],
      },
      code: 0,
    });
    const plain = { channel: 'stable', share: 100, withdrawn: false, broken: false, forged: false };
    expect(releases).toEqual([
      { ...plain, version: '1.5.0' },
      { ...plain, version: '1.3.0-beta.1', channel: 'beta', withdrawn: true },
      { ...plain, version: '1.2.0' },
      { ...plain, version: '1.1.0' },
    ]);
    expect(log.map(({ text }) => text)).toEqual([
      'The control strip has no button "constructor".',
      'Notes is already running.',
      'The server is down.',
      'Notes no longer receives new metadata. What it sees expires in 20 seconds: check before and after.',
      'An attacker on the network changes bytes of installers.',
      'Published 1.5.0 to all users.',
      'A thief with the stolen online key published 1.4.0.',
      'Withdrew 1.3.0-beta.1.',
      'Published 1.3.0-beta.1 on beta.',
      '1.2.0 is now offered to all users.',
      'Published 1.2.0 to 10 %.',
      'Started Notes.',
    ]);
    expect({ files: await readdir(directory), processes: await processesOf(directory) }).toEqual({
      files: [],
      processes: [],
    });
  }, 120_000);
});

async function controlStrip(output: NodeJS.ReadableStream): Promise<string> {
  let url = '';
  for await (const line of createInterface(output)) {
    url = /control strip\s+(http:\S+)/.exec(line)?.[1] ?? url;
    if (line.includes('Ctrl-C')) return url;
  }
  throw new Error('The demo ended before its control strip was there.');
}

async function stateOf(url: string): Promise<StudioState> {
  const response = await fetch(new URL('state', url));
  for await (const chunk of response.body ?? []) {
    return JSON.parse(
      Buffer.from(chunk as Uint8Array)
        .toString()
        .replace(/^data: /, ''),
    ) as StudioState;
  }
  throw new Error('The control strip told no state.');
}

/** What axe has against the control strip, wide and narrow, in light and dark; and which of its switches are on. */
async function lookAtStrip(url: string): Promise<unknown> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1480, height: 860 } });
    // The pictures of Notes never end, and so does the loading of the page.
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    await page.locator('#log li').first().waitFor();
    const wide = await look(page, 'control-strip');
    await page.setViewportSize({ width: 400, height: 800 });
    const narrow = await look(page, 'control-strip-narrow');
    return { wide, narrow, pressed: await page.locator('[data-toggle][aria-pressed=true]').allInnerTexts() };
  } finally {
    await browser.close();
  }
}

async function firstPicture(url: string): Promise<string> {
  const response = await fetch(new URL('picture', url));
  let seen = Buffer.alloc(0);
  for await (const chunk of response.body ?? []) {
    seen = Buffer.concat([seen, chunk as Uint8Array]);
    if (seen.includes(Buffer.from([0xff, 0xd8, 0xff]))) return 'JPEG';
  }
  return 'nothing';
}
