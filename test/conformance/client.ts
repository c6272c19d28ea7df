import { access, copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createClient } from '../../src/main/client.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import type { HttpClient } from '../../src/main/ports.ts';
import { textOf, UpdateError } from '../../src/shared/errors.ts';

/** tuf-conformance's protocol (CLIENT-CLI.md): `init`, `refresh`, `download`; exit 0 or 1. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'metadata-dir': { type: 'string' },
    'metadata-url': { type: 'string' },
    'target-name': { type: 'string', multiple: true },
    'target-base-url': { type: 'string' },
    'target-dir': { type: 'string' },
  },
});

const directory = values['metadata-dir'] ?? '';
/** The installation: anchor and trust store. Beside it lie copies of what is trusted, as the protocol asks for. */
const installation = join(directory, 'installation');
const anchorFile = join(installation, 'anchor');

/** The suite asserts in which order requests come in; side by side, on two connections, they have none. */
function oneByOne(http: HttpClient): HttpClient {
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...http,
    get(url, options) {
      const answer = last.then(() => http.get(url, options));
      last = answer.catch(() => undefined);
      return answer;
    },
  };
}

async function run(command: string | undefined): Promise<void> {
  if (command === 'init') {
    await mkdir(installation, { recursive: true });
    await copyFile(positionals[1] ?? '', anchorFile);
    return;
  }
  const http = createNodeHttpClient();
  const client = createClient({
    config: {
      metadataUrl: values['metadata-url'] ?? '',
      targetsUrls: [values['target-base-url'] ?? values['metadata-url'] ?? ''],
      publisher: 'none',
    },
    anchor: { type: 'root', bytes: await readFile(anchorFile) },
    directory: installation,
    patience: { quick: [], long: [] },
    http: oneByOne(http),
  });
  try {
    await client.trust.refresh();
    if (command !== 'download') return;
    for (const name of values['target-name'] ?? []) {
      const target = await client.trust.target(name);
      const to = join(values['target-dir'] ?? '', encodeURIComponent(name));
      await client.download.start({ target, to }).done;
      await access(to);
    }
  } finally {
    await client.close();
    await http.close();
    await showTrusted();
  }
}

/** Copies the trust store's files to the names that the suite looks for; the newest root as `root.json`. */
async function showTrusted(): Promise<void> {
  const [lineage] = await readdir(join(installation, 'trust')).catch(() => []);
  const store = join(installation, 'trust', lineage ?? '');
  const files = lineage === undefined ? [] : (await readdir(store)).filter((name) => name.endsWith('.json'));
  const roots = files.map((name) => Number.parseInt(name, 10)).filter(Number.isInteger);
  await Promise.all(
    (await readdir(directory)).map((name) => rm(join(directory, name), { force: true }).catch(() => undefined)),
  );
  await copyFile(
    roots.length === 0 ? anchorFile : join(store, `${Math.max(...roots)}.root.json`),
    join(directory, 'root.json'),
  );
  for (const name of files.filter((one) => !/^\d+\.root\.json$/.test(one))) {
    await copyFile(join(store, name), join(directory, name.replace(/^role\./, '')));
  }
}

try {
  await run(positionals[0]);
} catch (error) {
  console.error(error instanceof UpdateError ? `${error.code}: ${error.message}` : textOf(error), error);
  process.exitCode = 1;
}
