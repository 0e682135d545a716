import type Electron from 'electron'

type Template = Electron.MenuItemConstructorOptions

/** A menu that nobody sees; tests click its items. */
export class Menu {
  static #application: Menu | null = null
  readonly items: MenuItem[]

  constructor(template: Template[]) {
    this.items = template.map((options) => new MenuItem(options))
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found) return found
    }
    return null
  }

  popup() {}

  static buildFromTemplate = (template: Template[]) => new Menu(template)
  static getApplicationMenu = () => Menu.#application
  static setApplicationMenu = (menu: Menu | null) => {
    Menu.#application = menu
  }
}

class MenuItem {
  readonly id: string
  readonly label: string
  readonly submenu: Menu | null
  readonly click: () => void

  constructor(options: Template) {
    this.id = options.id ?? ''
    this.label = options.label ?? options.role ?? ''
    this.submenu = Array.isArray(options.submenu) ? new Menu(options.submenu) : null
    this.click = () => options.click?.(this as never, undefined, {})
  }
}
