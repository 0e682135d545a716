import { EventEmitter } from 'node:events'
import type Electron from 'electron'
import { app, browser } from './app.ts'
import { applyPermissions } from './session.ts'
import { WebContents } from './web-contents.ts'

const windows = new Set<BrowserWindow>()

/** A window whose content is a page of the headless Chromium; its frame exists only as state. */
export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents()
  readonly #attached: Promise<void>
  #title: string
  #bounds: Electron.Rectangle
  #isMaximized = false
  #isVisible: boolean

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super()
    const { sandbox, contextIsolation, nodeIntegration, preload = '' } = options.webPreferences ?? {}
    if (!sandbox || !contextIsolation || nodeIntegration) throw new Error('the stand-in has only sandboxed, isolated windows without Node')
    this.#title = options.title ?? ''
    this.#bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 }
    this.#isVisible = options.show !== false
    windows.add(this)
    app.emit('web-contents-created', {}, this.webContents)
    this.webContents.once('dom-ready', () => this.emit('ready-to-show'))
    this.#attached = this.#attach(preload)
  }

  async #attach(preload: string): Promise<void> {
    await this.webContents.attach(browser(), { ...this.#bounds, preload })
    await applyPermissions(browser().browser)
  }

  async loadURL(url: string): Promise<void> {
    await this.#attached
    await this.webContents.load(url)
  }

  show() {
    this.#isVisible = true
  }

  hide() {
    this.#isVisible = false
  }

  focus() {
    windows.delete(this)
    windows.add(this)
    this.emit('focus')
  }

  close() {
    let isKept = false
    this.emit('close', { preventDefault: () => (isKept = true) })
    if (!isKept) this.destroy()
  }

  destroy() {
    if (!windows.has(this)) return
    windows.delete(this)
    this.webContents.dropFrame()
    // The page may have gone with the browser.
    void browser()
      .browser.send('Target.closeTarget', { targetId: this.webContents.targetId })
      .catch(() => {})
    this.emit('closed')
    if (windows.size === 0) app.allWindowsClosed()
  }

  restore() {}
  maximize() {
    this.#isMaximized = true
  }

  isVisible = () => this.#isVisible
  isMinimized = () => false
  isMaximized = () => this.#isMaximized
  getNormalBounds = () => this.#bounds
  setBounds = (bounds: Electron.Rectangle) => {
    this.#bounds = bounds
  }
  getTitle = () => this.#title
  setTitle = (title: string) => {
    this.#title = title
  }

  static getAllWindows = () => [...windows]
  static getFocusedWindow = () => [...windows].at(-1) ?? null
  static fromWebContents = (contents: WebContents) => [...windows].find((window) => window.webContents === contents) ?? null
}

let themeSource = 'system'

export const nativeTheme = {
  shouldUseDarkColors: false,
  get themeSource() {
    return themeSource
  },
  set themeSource(source: string) {
    themeSource = source
    for (const { webContents } of windows) void webContents.setColorScheme(source)
  },
}
