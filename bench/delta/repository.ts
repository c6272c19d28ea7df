import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createClient } from '../../src/main/client.ts';
import { createDirectoryStore } from '../../src/publish/content/directory-store.ts';
import { decompressAppImage } from '../../src/publish/decompress/appimage.ts';
import { generateKeyFile, readKeyFile } from '../../src/publish/keys/key-file.ts';
import { publishBuild, type PublishReport } from '../../src/publish/workflow/publish-build.ts';
import { serveRepository } from '../../src/repository/index.ts';
import type { UpdateConfig } from '../../src/shared/update-config.ts';
import type { Image } from './images.ts';

const app = 'org.example.bench';

/** Two published versions as a web server serves them, and the state of an installed app. */
export interface Pair {
  /** The directory to serve: `repository/…` for ours, `builder/…` for electron-updater. */
  readonly directory: string;
  /** The settings of `update.json`, with paths instead of addresses. */
  readonly config: Pick<UpdateConfig, 'publisher'> & { readonly metadata: string; readonly targets: string };
  readonly root: string;
  /** The trust store of an app that last checked before the new version was published. */
  readonly home: string;
  /** The installed artifact without internal compression. */
  readonly stored: string;
  readonly report: PublishReport;
}

/** Publishes two images with the product's own publisher, or uses the cached result. */
export async function pair(
  cache: string,
  name: string,
  from: Image,
  to: Image,
  note: (line: string) => void,
): Promise<Pair> {
  const directory = join(cache, 'pairs', name.replaceAll(/\W+/g, '-'));
  const facts = join(directory, 'pair.json');
  const known = await readFile(facts, 'utf8').catch(() => undefined);
  if (known !== undefined) {
    const pair = JSON.parse(known) as Pair;
    // Signs expired metadata again, as a running repository does.
    const repository = await serveRepository({ directory: join(directory, 'repository') });
    await repository.close();
    return pair;
  }
  note(`publishing ${name}`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const made = await publish(directory, from, to);
  await cp(to.directory, join(directory, 'builder'), {
    recursive: true,
    filter: (path) => !path.includes('unpacked'),
  });
  await writeFile(`${facts}.tmp`, JSON.stringify(made));
  await rename(`${facts}.tmp`, facts);
  return made;
}

async function publish(directory: string, from: Image, to: Image): Promise<Pair> {
  const repository = await serveRepository({ directory: join(directory, 'repository') });
  try {
    const passphrase = randomBytes(16).toString('hex');
    await generateKeyFile(join(directory, 'key.pem'), async () => Promise.resolve(passphrase));
    const key = await readKeyFile(join(directory, 'key.pem'), async () => Promise.resolve(passphrase));
    const root = join(directory, 'root.json');
    await writeFile(root, await readFile(join(repository.store.places.metadata, '1.root.json')));
    const publisher = { revision: 1, threshold: 1, keys: [key.publicKey] };
    const config: UpdateConfig = {
      schema: 1,
      app,
      metadataUrl: repository.metadataUrl,
      targetsUrls: [repository.targetsUrl],
      channel: 'stable',
      publisher,
    };
    const release = async (image: Image): Promise<PublishReport> =>
      publishBuild({
        config,
        root: await readFile(root),
        keys: [key],
        directory: image.directory,
        policy: {},
        deltas: {},
        decompress: true,
        api: { url: repository.apiUrl, headers: repository.apiHeaders },
        store: createDirectoryStore(repository.contentDirectory, join(directory, 'publisher')),
        stateDirectory: join(directory, 'publisher'),
      });
    await release(from);
    const home = join(directory, 'home');
    const client = createClient({ config, anchor: { type: 'root', bytes: await readFile(root) }, directory: home });
    await client.trust.refresh();
    const query = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } } as const;
    await client.trust.releaseIndex(query);
    await client.close();
    const report = await release(to);
    const stored = join(directory, 'stored.AppImage');
    await decompressAppImage({ from: from.file, to: stored });
    const relativePath = (path: string): string => path.slice(directory.length + 1);
    return {
      directory,
      config: {
        publisher,
        metadata: relativePath(repository.store.places.metadata),
        targets: relativePath(repository.contentDirectory),
      },
      root,
      home,
      stored,
      report,
    };
  } finally {
    await repository.close();
  }
}
