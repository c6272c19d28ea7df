import { createHash } from 'node:crypto';

/** File systems take names of 255 bytes, and `.part.json` is put behind a name while its file is in the making. */
const longestName = 240;

/** Names of devices, with any extension; Windows opens the device instead of a file (Naming Files, Paths, and Namespaces). */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * The name of a target's file in a directory that has no others: the whole target path, percent-encoded, as python-tuf and
 * tuf-js name it. So two targets never share a file, every system takes the name, and no directory has to be made. Pure.
 */
export function localTargetName(path: string): string {
  const name = encodeURIComponent(path.toWellFormed())
    .replaceAll(/[!'()*~]/g, percent)
    .replaceAll('%2B', '+')
    .replaceAll('%40', '@')
    .replace(/^\.|\.$/g, percent)
    .replace(deviceName, (device) => percent(device.slice(0, 1)) + device.slice(1));
  if (name.length <= longestName) return name;
  const hash = createHash('sha256').update(path).digest('hex');
  return `${hash}-${name.slice(-(longestName - hash.length - 1)).replace(/^[^A-Za-z0-9]+/, '')}`;
}

/** The name of a release's file: the last segment of its target path, which the publisher named for one version. Pure. */
export function localReleaseName(path: string): string {
  return localTargetName(path.slice(path.lastIndexOf('/') + 1));
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
