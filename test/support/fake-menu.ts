interface ItemOptions {
  readonly label?: string;
  readonly enabled?: boolean;
  readonly click?: () => void;
}

/** What the plugin uses of Electron's `MenuItem`; `click()` is what a person would do. */
export class MenuItem {
  label: string;
  enabled: boolean;
  readonly #click: ItemOptions['click'];

  constructor({ label = '', enabled = true, click }: ItemOptions) {
    this.label = label;
    this.enabled = enabled;
    this.#click = click;
  }

  click(): void {
    if (this.enabled) this.#click?.();
  }
}

let applicationMenu: Menu | null = null;

/** A menu that nothing draws. */
export class Menu {
  readonly items: readonly MenuItem[];

  constructor(items: readonly MenuItem[]) {
    this.items = items;
  }

  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Menu | null {
    return applicationMenu;
  }
}
