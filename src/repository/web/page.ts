import type { Release } from '../../shared/release-index.ts';
import type { ListedIndex } from '../store/indexes.ts';
import type { RepositoryState } from '../tuf/state.ts';

export interface PageData {
  /** `undefined` before the bootstrap. */
  readonly state: RepositoryState | undefined;
  readonly indexes: readonly ListedIndex[];
  /** The total number of published targets. */
  readonly targets: number;
  readonly metadataUrl: string;
  readonly targetsUrl: string;
  readonly apiUrl: string;
}

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 14%, transparent); --soft: color-mix(in srgb, currentColor 62%, transparent); --accent: #2f6fde; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 56rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; letter-spacing: -.01em; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; } p { margin: .25rem 0; }
.soft, th, dt { color: var(--soft); } code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.warn { border-left: 3px solid #d98a00; padding: .5rem .9rem; margin: 1.25rem 0; background: color-mix(in srgb, #d98a00 10%, transparent); border-radius: 0 .4rem .4rem 0; }
table { border-collapse: collapse; width: 100%; } th { font-weight: 500; font-size: .85rem; text-align: left; }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:nth-child(1) { width: 27%; } th:nth-child(2) { width: 16%; } a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
.tag { font-weight: 400; display: inline-block; font-size: .78rem; padding: .05rem .5rem; border-radius: 1rem; border: 1px solid var(--line); margin-left: .4rem; }
.tag.main { background: var(--accent); border-color: var(--accent); color: #fff; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; } dd { margin: 0; }
`;

/** Renders the page for people: apps, channels, versions. Plain HTML without scripts; all external text is escaped. */
export function renderPage(data: PageData): string {
  const { state, indexes } = data;
  const body =
    state === undefined
      ? '<p>Not bootstrapped yet: <code>POST /api/v1/bootstrap/</code> first.</p>'
      : indexes.length === 0
        ? '<p class="soft">Nothing is published yet.</p>'
        : indexes.map(renderIndex).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Embedded TUF repository</title><style>${style}</style></head><body>
<h1>Embedded TUF repository</h1>
<p class="warn">For development only: its keys lie unencrypted in its directory.</p>
${body}
<h2>Repository</h2>
<dl>${rows(data)
    .map(([name, value]) => `<dt>${name}</dt><dd><code>${escape(value)}</code></dd>`)
    .join('')}</dl>
</body></html>
`;
}

function rows({ state, targets, metadataUrl, targetsUrl, apiUrl }: PageData): readonly (readonly [string, string])[] {
  const addresses = [
    ['Metadata', metadataUrl],
    ['Targets', targetsUrl],
    ['API', apiUrl],
  ] as const;
  if (state === undefined) return addresses;
  const { root, timestamp, snapshot } = state;
  return [
    ...addresses,
    ['Root', `version ${root.version}, ${root.threshold} of ${root.keyids.length} keys, expires ${root.expires}`],
    ['Snapshot', `version ${snapshot.version}, expires ${snapshot.expires}`],
    ['Timestamp', `version ${timestamp.version}, expires ${timestamp.expires}`],
    ['Listed', `${targets} targets in ${state.delegated.size} roles`],
  ];
}

function renderIndex(listed: ListedIndex): string {
  if ('problem' in listed) {
    return `<h2><code>${escape(listed.path)}</code></h2><p class="soft">${escape(listed.problem)}</p>`;
  }
  const { app, channel, platform, arch, releases, revision } = listed.index;
  return `<h2>${escape(app)} <span class="tag main">${escape(channel)}</span><span class="tag">${platform}-${arch}</span></h2>
<p class="soft">Release index revision ${revision}</p>
<table><thead><tr><th>Version</th><th>Released</th><th>Files</th></tr></thead><tbody>${releases.map(renderRelease).join('')}</tbody></table>`;
}

function renderRelease(release: Release): string {
  const tags = [release.critical ? 'critical' : '', release.withdrawn ? 'withdrawn' : ''].filter((tag) => tag !== '');
  const files = release.artifacts.map(
    ({ kind, path, length }) =>
      `<a href="/targets/${escape(path)}">${escape(path.slice(path.lastIndexOf('/') + 1))}</a> <span class="soft">${kind}, ${size(length)}</span>`,
  );
  return `<tr><td><strong>${escape(release.version)}</strong>${tags.map((tag) => `<span class="tag">${tag}</span>`).join('')}</td><td>${escape(release.releasedAt.slice(0, 10))}</td><td>${files.join('<br>')}</td></tr>`;
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
