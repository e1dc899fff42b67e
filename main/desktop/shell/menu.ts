import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { ShellTexts } from './texts.ts'

export interface MenuActions {
  openDataFolder: () => void
  chooseDataFolder: () => void
  openLog: () => void
  showAbout: () => void
  quit: () => void
}

/** The application's menu. The roles bring the system's own words and shortcuts. */
export function createMenu(
  texts: ShellTexts,
  actions: MenuActions,
  platform: NodeJS.Platform,
  developer: boolean,
): Menu {
  const about: MenuItemConstructorOptions = { label: texts.about, click: actions.showAbout }
  const quit: MenuItemConstructorOptions = {
    label: texts.quit,
    accelerator: 'CommandOrControl+Q',
    click: actions.quit,
  }
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const file: MenuItemConstructorOptions = {
    label: texts.file,
    submenu: [
      { label: texts.openDataFolder, click: actions.openDataFolder },
      { label: texts.chooseDataFolder, click: actions.chooseDataFolder },
      separator,
      platform === 'darwin' ? { role: 'close' } : quit,
    ],
  }
  const edit: MenuItemConstructorOptions = {
    label: texts.edit,
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      separator,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
    ],
  }
  const view: MenuItemConstructorOptions = {
    label: texts.view,
    submenu: [
      { role: 'reload' },
      separator,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      separator,
      { role: 'togglefullscreen' },
      ...(developer ? [separator, { role: 'toggleDevTools' } as const] : []),
    ],
  }
  const help: MenuItemConstructorOptions = {
    label: texts.help,
    role: 'help',
    submenu: [
      { label: texts.openLog, click: actions.openLog },
      ...(platform === 'darwin' ? [] : [separator, about]),
    ],
  }
  const application: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [about, separator, { role: 'hide' }, separator, quit],
  }
  return Menu.buildFromTemplate([...(platform === 'darwin' ? [application] : []), file, edit, view, help])
}
