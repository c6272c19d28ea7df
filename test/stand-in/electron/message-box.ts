import { EventEmitter } from 'node:events';

import { isShown } from '../chromium.ts';
import { app, chromium } from './app.ts';

interface BoxOptions {
  readonly message: string;
  readonly detail?: string;
  readonly buttons?: readonly string[];
  readonly defaultId?: number;
  readonly cancelId?: number;
  readonly signal?: AbortSignal;
}

interface BoxAnswer {
  readonly response: number;
  readonly checkboxChecked: boolean;
}

/** A message box as a page of its own, so that a person can answer it. Electron's is drawn by the system. */
export async function showMessageBox(...args: readonly unknown[]): Promise<BoxAnswer> {
  const box = args.at(-1) as BoxOptions;
  const { buttons = ['OK'], defaultId = 0, cancelId = 0, signal } = box;
  const browser = chromium();
  const size = isShown ? { width: 480, height: 260 } : { width: 1120, height: 760 };
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...size });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const session = String(sessionId);
  const answered = new EventEmitter();
  const answer = new Promise<number>((resolve) => answered.once('answer', resolve));
  browser.onEvent(({ method, params, sessionId: from }) => {
    if (method === 'Runtime.bindingCalled' && from === session) answered.emit('answer', Number(params['payload']));
    if (method === 'Target.detachedFromTarget' && params['sessionId'] === session) answered.emit('answer', cancelId);
  });
  signal?.addEventListener('abort', () => answered.emit('answer', cancelId), { once: true });
  const words = { app: app.name, message: box.message, detail: box.detail ?? '', buttons, defaultId, cancelId };
  const expression = `(${draw.toString()})(${JSON.stringify(words)})`;
  await browser.send('Runtime.enable', {}, session);
  await browser.send('Runtime.addBinding', { name: 'answerBox' }, session);
  await browser.send('Runtime.evaluate', { expression }, session);
  const response = await answer;
  await browser.send('Target.closeTarget', { targetId }).catch(() => undefined);
  return { response, checkboxChecked: false };
}

interface Words extends Required<Pick<BoxOptions, 'message' | 'detail' | 'buttons' | 'defaultId' | 'cancelId'>> {
  readonly app: string;
}

/** What a page offers of these; the tests' types have no DOM. */
interface PageElement {
  textContent: string;
  style: { cssText: string };
  append(...children: PageElement[]): void;
  addEventListener(type: string, listener: (event: { readonly key: string }) => void): void;
  focus(): void;
}
declare const document: {
  title: string;
  readonly body: PageElement;
  createElement(tag: string): PageElement;
  addEventListener: PageElement['addEventListener'];
};
declare function answerBox(response: string): void;

/** Runs in the page. Text only: nothing that is shown becomes markup. */
function draw({ app, message, detail, buttons, defaultId, cancelId }: Words): void {
  const make = (tag: string, style: string, text = ''): PageElement => {
    const created = document.createElement(tag);
    created.style.cssText = style;
    created.textContent = text;
    return created;
  };
  document.title = app;
  document.body.style.cssText =
    'margin:0;min-height:100vh;display:grid;place-items:center;background:#8a857c;font:14px/1.45 system-ui,sans-serif;color:#24211c';
  const frame = make(
    'div',
    'box-sizing:border-box;width:min(100vw,460px);padding:22px 24px;background:#fff;border-radius:12px;box-shadow:0 16px 50px #0006',
  );
  const row = make('div', 'display:flex;flex-wrap:wrap;gap:8px;justify-content:flex-end;margin-top:20px');
  const all = buttons.map((label, id) => {
    const look = id === defaultId ? 'background:#2b5f4e;color:#fff' : 'background:#eee9e0;color:inherit';
    const button = make('button', `padding:7px 14px;border:0;border-radius:8px;font:inherit;${look}`, label);
    button.addEventListener('click', () => answerBox(String(id)));
    return button;
  });
  row.append(...all);
  frame.append(
    make('div', 'font-weight:600', message),
    make('div', 'margin-top:8px;white-space:pre-wrap;overflow-wrap:anywhere', detail),
    row,
  );
  document.body.append(frame);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') answerBox(String(cancelId));
  });
  all[defaultId]?.focus();
}
