import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

declare const axe: { run(): Promise<AxeResults> } | undefined;

/** The directory of pictures for review. No test compares them. */
const pictures = join(import.meta.dirname, '../../test-results/looks');

/** Takes a picture in light and in dark mode, and returns the violations that axe finds in either. */
export async function look(page: Page, name: string): Promise<readonly unknown[]> {
  await mkdir(pictures, { recursive: true });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  if (!(await page.evaluate(() => typeof axe === 'object'))) {
    await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  }
  const violations: unknown[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const results = await page.evaluate(async () => axe?.run());
    violations.push(...(results?.violations ?? ['axe did not run']).map((one) => [colorScheme, describe(one)]));
    await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
  }
  return violations;
}

function describe(violation: AxeResults['violations'][number] | string): unknown {
  return typeof violation === 'string' ? violation : [violation.id, violation.nodes.map(({ html }) => html)];
}
