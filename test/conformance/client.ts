import { access, copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createClient } from '../../src/main/client.ts';
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
const anchorFile = join(directory, 'anchor.json');

async function run(command: string | undefined): Promise<void> {
  if (command === 'init') {
    await mkdir(directory, { recursive: true });
    await copyFile(positionals[1] ?? '', anchorFile);
    return;
  }
  const client = createClient({
    config: {
      metadataUrl: values['metadata-url'] ?? '',
      targetsUrls: [values['target-base-url'] ?? values['metadata-url'] ?? ''],
      publisher: 'none',
    },
    anchor: { type: 'root', bytes: await readFile(anchorFile) },
    directory,
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
  }
}

try {
  await run(positionals[0]);
} catch (error) {
  console.error(error instanceof UpdateError ? `${error.code}: ${error.message}` : textOf(error), error);
  process.exitCode = 1;
}
