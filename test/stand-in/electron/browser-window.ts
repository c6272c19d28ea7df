import { EventEmitter } from 'node:events';

import { allWindowsClosed, app, cancellable } from './app.ts';
import { createWebContents, type WebContents } from './web-contents.ts';
import { addWindow, allWindows, removeWindow } from './windows.ts';

interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly show?: boolean;
  readonly title?: string;
  readonly webPreferences?: {
    readonly preload?: string;
    readonly nodeIntegrationInSubFrames?: boolean;
    readonly [name: string]: unknown;
  };
}

/** A window whose content is a page of Chromium; the frame around it is not drawn. */
export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] {
    return allWindows().filter((window) => window instanceof BrowserWindow);
  }

  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.getAllWindows().at(-1) ?? null;
  }

  static fromWebContents(contents: WebContents | undefined): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.webContents === contents) ?? null;
  }

  static fromId(id: number): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.id === id) ?? null;
  }

  readonly id: number;
  readonly webContents: WebContents;
  /** What `setProgressBar` was given last; -1 is no progress bar. */
  progress = -1;
  /** What it was made with; Electron keeps that to itself. */
  readonly options: WindowOptions;
  #visible: boolean;
  #title: string;
  #destroyed = false;

  constructor(options: WindowOptions = {}) {
    super();
    this.options = options;
    const { width = 800, height = 600, show = true, title = app.name, webPreferences } = options;
    const { preload, nodeIntegrationInSubFrames: inSubFrames = false } = webPreferences ?? {};
    this.webContents = createWebContents({ width, height, preload, inSubFrames }, () => this.#closed());
    this.id = this.webContents.id;
    this.#visible = show;
    this.#title = title;
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'));
    addWindow(this);
    app.emit('browser-window-created', {}, this);
  }

  async loadFile(path: string): Promise<void> {
    return this.webContents.loadFile(path);
  }

  async loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url);
  }

  close(): void {
    if (this.#destroyed) return;
    const event = cancellable();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    this.webContents.close();
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  show(): void {
    this.#visible = true;
    this.emit('show');
  }

  hide(): void {
    this.#visible = false;
    this.emit('hide');
  }

  isVisible(): boolean {
    return this.#visible;
  }

  focus(): void {
    this.emit('focus');
  }

  isFocused(): boolean {
    return BrowserWindow.getFocusedWindow() === this;
  }

  isMinimized(): boolean {
    return false;
  }

  restore(): void {
    this.emit('restore');
  }

  getTitle(): string {
    return this.#title;
  }

  setTitle(title: string): void {
    this.#title = title;
  }

  setMenuBarVisibility(): void {}

  setBackgroundColor(): void {}

  setProgressBar(progress: number): void {
    this.progress = progress;
  }

  #closed(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    removeWindow(this);
    this.emit('closed');
    if (allWindows().length === 0) allWindowsClosed();
  }
}
