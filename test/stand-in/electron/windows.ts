/** The open windows, in the order in which they were opened. What `app` needs of them without a cycle of imports. */
export interface OpenWindow {
  readonly id: number;
  close(): void;
  destroy(): void;
  isDestroyed(): boolean;
}

const open: OpenWindow[] = [];

export function addWindow(window: OpenWindow): void {
  open.push(window);
}

export function removeWindow(window: OpenWindow): void {
  open.splice(open.indexOf(window), 1);
}

export function allWindows(): readonly OpenWindow[] {
  return [...open];
}

export function windowCount(): number {
  return open.length;
}

/** Asks every window to close. `false` as soon as one refuses. */
export function closeAllWindows(): boolean {
  return allWindows().every((window) => {
    window.close();
    return window.isDestroyed();
  });
}

export function destroyAllWindows(): void {
  for (const window of allWindows()) window.destroy();
}
