import { app, Menu, type MenuItem, type MenuItemConstructorOptions } from 'electron';

/** The menu bar, with the update item in the usual place of each system. */
export function applicationMenu(update: MenuItem): Menu {
  const isMac = process.platform === 'darwin';
  const appMenu: MenuItemConstructorOptions = {
    label: app.getName(),
    submenu: menuWith(update, 1, [
      { role: 'about' },
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ]),
  };
  const help: MenuItemConstructorOptions = isMac
    ? { role: 'help', submenu: [] }
    : { role: 'help', label: 'Help', submenu: menuWith(update, 0, [{ type: 'separator' }, { role: 'about' }]) };
  return Menu.buildFromTemplate([
    ...(isMac ? [appMenu] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
    help,
  ]);
}

function menuWith(item: MenuItem, position: number, template: MenuItemConstructorOptions[]): Menu {
  const menu = Menu.buildFromTemplate(template);
  menu.insert(position, item);
  return menu;
}
