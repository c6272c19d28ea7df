import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { errorCodes } from '../../src/shared/error-table.ts';

const project = resolve(import.meta.dirname, '../..');
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((name) => join(project, name)),
  ...(await readdir(join(project, 'docs'))).filter((name) => name.endsWith('.md')).map((n) => join(project, 'docs', n)),
];
const texts = new Map(await Promise.all(pages.map(async (page) => [page, await readFile(page, 'utf8')] as const)));

describe('the documentation', () => {
  it('has no broken links', async () => {
    const dead: string[] = [];
    for (const [page, text] of texts) {
      for (const link of linksOf(text)) {
        if (!(await leads(page, link))) dead.push(`${relative(project, page)}: ${link}`);
      }
    }
    expect(dead).toEqual([]);
  });

  it('names only tests that are there', async () => {
    const named = [...texts].flatMap(([page, text]) =>
      [...text.matchAll(/\[([^\]]+)\]\(([^)\s]+\.test\.ts)\)/gu)].map(([, title = '', file = '']) => ({
        page,
        title,
        file,
      })),
    );
    const gone: string[] = [];
    for (const { page, title, file } of named) {
      const source = await readFile(resolve(dirname(page), file), 'utf8').catch(() => '');
      if (!source.includes(title)) gone.push(`${relative(project, page)}: ${title}`);
    }
    expect({ gone, some: named.length > 20 }).toEqual({ gone: [], some: true });
  });

  it('has a row for each file of attacks', async () => {
    const files = await readdir(join(project, 'test/attacks'), { recursive: true });
    const trust = texts.get(join(project, 'docs/trust.md')) ?? '';
    const missing = files
      .filter((name) => name.endsWith('.test.ts'))
      .filter((name) => !trust.includes(`test/attacks/${name.replaceAll('\\', '/')})`));
    expect(missing).toEqual([]);
  });

  it('lists each error code with its meaning and whether a retry helps', () => {
    const listed = [
      ...(texts.get(join(project, 'docs/errors.md')) ?? '').matchAll(/^\| `([A-Z_]+)`( ↻)? +\| (.+?) +\|/gmu),
    ];
    const rows = listed.map(([, code, again, summary]) => ({ code, retriable: again !== undefined, summary }));
    const known = Object.entries(errorCodes).map(([code, { retriable, summary }]) => ({ code, retriable, summary }));
    const byCode = (one: { code?: string | undefined }, other: { code?: string | undefined }) =>
      String(one.code).localeCompare(String(other.code));
    expect(rows.toSorted(byCode)).toEqual(known.toSorted(byCode));
  });
});

/** Relative links, and those to a heading of the page itself. */
function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```.*?^```/gmsu, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/gu)].map(([, link, source]) => link ?? source ?? '');
  return links.filter((link) => !/^(https?|mailto):/u.test(link));
}

async function leads(page: string, link: string): Promise<boolean> {
  const [path = '', heading] = link.split('#');
  const to = path === '' ? page : resolve(dirname(page), path);
  const text =
    texts.get(to) ??
    (await readFile(to, to.endsWith('.md') ? 'utf8' : 'latin1').catch(() => undefined)) ??
    (await isDirectory(to));
  if (text === undefined) return false;
  return heading === undefined || headingsOf(text).includes(heading);
}

async function isDirectory(path: string): Promise<string | undefined> {
  return readdir(path).then(
    () => '',
    () => undefined,
  );
}

/** The anchors that a forge gives to headings. */
function headingsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gmu)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
