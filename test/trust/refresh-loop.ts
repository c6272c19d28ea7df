/** Refreshes into one new directory after another until it is killed: `node refresh-loop.ts <metadata URL> <root.json> <directory>`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createClient } from '../../src/main/client.ts';

const [url = '', root = '', directory = ''] = process.argv.slice(2);
const bytes = await readFile(root);
for (let at = 0; ; at++) {
  const client = createClient({
    config: { metadataUrl: url, targetsUrls: [url], publisher: 'none' },
    anchor: { type: 'root', bytes },
    directory: join(directory, String(at)),
  });
  await client.tuf.refresh();
  await client.close();
  process.send?.(at);
}
