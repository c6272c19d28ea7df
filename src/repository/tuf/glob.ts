const allowed = /^[A-Za-z0-9._*?-]+(\/[A-Za-z0-9._*?-]+)*$/;

/** Whether a glob means the same to RSTUF (fnmatch), python-tuf and tuf-js: only `*`, `?` and target path characters. */
export function isPortableGlob(glob: string): boolean {
  return allowed.test(glob);
}

/** Matches a path by RSTUF's rule (TUF specification, 4.5, `PATHPATTERN`): segment by segment, so `*` does not cross `/`. */
export function globMatches(glob: string, path: string): boolean {
  const patterns = glob.split('/');
  const segments = path.split('/');
  return (
    patterns.length === segments.length && patterns.every((pattern, index) => matches(pattern, segments[index] ?? ''))
  );
}

function matches(pattern: string, segment: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(segment);
}
