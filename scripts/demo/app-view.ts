import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type CDPSession, type Page } from 'playwright-core';

/** The user's input to the window in the picture. Coordinates are fractions of its width and height. */
export type ViewInput =
  | { readonly type: 'click' | 'move'; readonly x: number; readonly y: number }
  | { readonly type: 'wheel'; readonly x: number; readonly y: number; readonly by: number }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'theme'; readonly theme: 'light' | 'dark' };

/** A live picture of the app's window, for machines without a display. Clicks and keys are sent to the window. */
export interface AppView {
  /** Whether a window is open. */
  readonly isLive: boolean;
  /** A JPEG, or nothing while no window is open. */
  onPicture(listener: (picture: Buffer | undefined) => void): () => void;
  input(input: ViewInput): Promise<void>;
  close(): void;
}

const picture = { format: 'jpeg', quality: 88 } as const;
const settledMs = 250;

/** Follows the app in this home from run to run, so that it finds the updated app again. */
export function watchApp(home: string): AppView {
  const listeners = new Set<(picture: Buffer | undefined) => void>();
  const abort = new AbortController();
  let latest: Buffer | undefined;
  let pages: readonly Shown[] = [];
  let theme: 'light' | 'dark' = 'light';
  const show = (picture: Buffer | undefined): void => {
    latest = picture;
    for (const listener of listeners) listener(picture);
  };

  async function follow(port: string): Promise<void> {
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const gone = new Promise((resolve) => browser.once('disconnected', resolve));
    const [context] = browser.contexts();
    if (context === undefined || context.pages().length === 0) return browser.close();
    context.on('page', (opened) => void put(opened).catch(() => undefined));
    for (const found of context.pages()) await put(found);
    await gone;
    pages = [];
    show(undefined);
  }

  /** A message box covers the window until it is answered. */
  async function put(page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page);
    pages = [...pages, { page, session }];
    page.once('close', () => {
      pages = pages.filter((other) => other.page !== page);
      void uncover(pages.at(-1)).catch(() => undefined);
    });
    let last = '';
    let settling: NodeJS.Timeout | undefined;
    const see = (data: string): void => {
      if (data === last) return;
      last = data;
      if (pages.at(-1)?.page === page) show(Buffer.from(data, 'base64'));
      // A busy Chromium may skip even the last picture, so one is taken when nothing changes any more.
      clearTimeout(settling);
      settling = setTimeout(() => void still().catch(() => undefined), settledMs);
    };
    const still = async (): Promise<void> => see((await session.send('Page.captureScreenshot', picture)).data);
    session.on('Page.screencastFrame', ({ data, sessionId }) => {
      see(data);
      session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
    });
    await page.emulateMedia({ colorScheme: theme });
    await startScreencast(session);
  }

  async function watch(): Promise<void> {
    while (!abort.signal.aborted) {
      const port = await devToolsPort(home);
      if (port !== undefined) await follow(port).catch(() => undefined);
      await delay(150);
    }
  }
  void watch();

  return {
    get isLive() {
      return latest !== undefined;
    },
    onPicture(listener) {
      listeners.add(listener);
      listener(latest);
      return () => void listeners.delete(listener);
    },
    async input(input) {
      if (input.type === 'theme') theme = input.theme;
      const top = pages.at(-1);
      if (top !== undefined) await apply(top.page, input);
    },
    close: () => abort.abort(),
  };
}

interface Shown {
  readonly page: Page;
  readonly session: CDPSession;
}

/** A page that was covered sends no pictures until it is asked again. */
async function uncover(shown: Shown | undefined): Promise<void> {
  if (shown === undefined) return;
  await shown.page.bringToFront();
  await shown.session.send('Page.stopScreencast');
  await startScreencast(shown.session);
}

async function startScreencast(session: CDPSession): Promise<void> {
  await session.send('Page.startScreencast', { ...picture, maxWidth: 1400, maxHeight: 1000 });
}

async function apply(page: Page, input: ViewInput): Promise<void> {
  if (input.type === 'theme') return page.emulateMedia({ colorScheme: input.theme });
  if (input.type === 'key') return page.keyboard.press(input.key);
  const { width, height } = await page.evaluate<{ width: number; height: number }>(
    '({ width: innerWidth, height: innerHeight })',
  );
  const [x, y] = [input.x * width, input.y * height];
  if (input.type === 'click') return page.mouse.click(x, y);
  await page.mouse.move(x, y);
  if (input.type === 'wheel') await page.mouse.wheel(0, input.by);
}

async function devToolsPort(home: string): Promise<string | undefined> {
  const path = join(home, '.config/Notes/DevToolsActivePort');
  const [port = '', address = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
  return address === '' ? undefined : port;
}
