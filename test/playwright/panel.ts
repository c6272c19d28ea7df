import type { Page } from 'playwright-core';

/** The texts that a person reads in the update panel. */
export interface PanelText {
  readonly headline: string;
  readonly detail: string;
  readonly actions: readonly string[];
  /** The text in the side bar. */
  readonly chip: string;
}

/** Opens the panel as a person does. */
export async function openPanel(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Notes \d/ }).click();
  await page.getByRole('heading', { name: 'Updates' }).waitFor();
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Waits until the panel shows this headline. */
export async function untilHeadline(page: Page, headline: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: headline }).waitFor();
}

export async function readPanel(page: Page): Promise<PanelText> {
  const text = async (selector: string): Promise<string> =>
    (await page.locator(selector).innerText()).replaceAll('\u00a0', ' ').trim();
  return {
    headline: await text('#headline'),
    detail: await text('#detail'),
    actions: await page.locator('#actions button').allInnerTexts(),
    chip: `${await text('#chip-version')}: ${await text('#chip-status')}`,
  };
}

/** Returns what the panel says about channels, and its buttons for them. */
export async function readChannels(
  page: Page,
): Promise<{ readonly text: string; readonly actions: readonly string[] }> {
  return {
    text: await page.locator('#channel-hint').innerText(),
    actions: await page.locator('#channel-actions button').allInnerTexts(),
  };
}
