import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** A file of a build, and its bytes. */
export type BuiltFiles = Readonly<Record<string, string | Uint8Array>>;

/** Writes a directory as electron-builder does: files, and a yml that lists them. */
export async function writeBuilt(
  directory: string,
  version: string,
  files: BuiltFiles,
  { yml = 'latest-linux.yml', ...fields }: Readonly<Record<string, unknown>> & { readonly yml?: string } = {},
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const listed = [];
  for (const [url, content] of Object.entries(files)) {
    await writeFile(join(directory, url), content);
    const sha512 = createHash('sha512').update(content).digest('base64');
    listed.push({ url, sha512, size: Buffer.byteLength(content) });
  }
  const releaseDate = '2026-11-22T10:00:00.000Z';
  await writeFile(join(directory, yml), stringify({ version, files: listed, releaseDate, ...fields }));
  return directory;
}

/** One Debian package for linux-x64. */
export async function writeDeb(directory: string, version: string): Promise<string> {
  return writeBuilt(directory, version, { [`notes_${version}_amd64.deb`]: `the deb of ${version}` });
}
