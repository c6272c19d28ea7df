interface ItemOptions {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly enabled?: boolean;
  readonly visible?: boolean;
  readonly checked?: boolean;
  readonly accelerator?: string;
  readonly submenu?: readonly (ItemOptions | MenuItem)[] | Menu;
  readonly click?: (item: MenuItem, window: unknown, event: object) => void;
}

/** An item of a menu that nobody draws; `click()` is what a person would do. */
export class MenuItem {
  readonly id: string;
  readonly role: string | undefined;
  readonly type: string;
  readonly accelerator: string | undefined;
  readonly submenu: Menu | undefined;
  label: string;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  readonly #click: ItemOptions['click'];

  constructor(options: ItemOptions) {
    this.id = options.id ?? '';
    this.role = options.role;
    this.accelerator = options.accelerator;
    this.submenu = Array.isArray(options.submenu)
      ? Menu.buildFromTemplate(options.submenu as readonly ItemOptions[])
      : (options.submenu as Menu | undefined);
    this.type = options.type ?? (this.submenu === undefined ? 'normal' : 'submenu');
    this.label = options.label ?? options.role ?? '';
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.#click = options.click;
  }

  click(): void {
    if (this.enabled) this.#click?.(this, null, {});
  }
}

let applicationMenu: Menu | null = null;

export class Menu {
  static buildFromTemplate(template: readonly (ItemOptions | MenuItem)[]): Menu {
    const menu = new Menu();
    for (const item of template) menu.append(item instanceof MenuItem ? item : new MenuItem(item));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Menu | null {
    return applicationMenu;
  }

  readonly items: MenuItem[] = [];

  append(item: MenuItem): void {
    this.items.push(item);
  }

  insert(position: number, item: MenuItem): void {
    this.items.splice(position, 0, item);
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}
