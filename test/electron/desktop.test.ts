/** The desktop app: its window, its engine, and what it refuses. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { ShellBridge, ShellMessage } from '../../core/contract/shell.ts'
import { startHostProgram, temporaryFolder } from '../e2e/harness.ts'
import { killProcess } from '../e2e/processes.ts'
import { type DesktopApp, launchDesktop, startDesktopProgram } from './launch.ts'

declare global {
  /** What tests leave in the main process. */
  var seen: unknown[]
  var recording: boolean
  interface Window {
    readonly palimpsestShell?: ShellBridge
  }
}

const dataDir = temporaryFolder()
let app: DesktopApp
let page: Page
const problems: string[] = []

beforeAll(async () => {
  app = await launchDesktop({ dataDir })
  page = await app.firstWindow()
  page.on('pageerror', (error) => problems.push(error.message))
  await newDocument(page).waitFor()
})

/** A busy machine may take its time. */
const until = <T>(condition: () => Promise<T>) => vi.waitUntil(condition, { timeout: 30_000 })

const newDocument = (window: Page) => window.getByRole('button', { name: 'New document' }).first()
const textOf = (window: Page) => window.getByRole('textbox', { name: 'Document text' })
const enginePid = () =>
  app.evaluate(
    ({ app: electron }) => electron.getAppMetrics().find(({ type, name }) => type === 'Utility' && name === 'Palimpsest engine')?.pid,
  )

/** What the main process recorded in `seen`, once it is there. */
const recorded = () =>
  until(async () => {
    const seen = await app.evaluate(() => globalThis.seen)
    return seen.length > 0 && seen
  })

/** Keeps every message that the shell sends to the page from now on. */
const recordMessages = () =>
  app.evaluate(({ BrowserWindow }) => {
    globalThis.seen = []
    const [window] = BrowserWindow.getAllWindows()
    if (!window || globalThis.recording) return
    globalThis.recording = true
    const { webContents } = window
    const send = webContents.send.bind(webContents)
    webContents.send = (channel: string, message: unknown) => {
      globalThis.seen.push(message)
      send(channel, message)
    }
  })

test('a window opens, and is shown when there is something to see', async () => {
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()))).toEqual([true])
  expect(await page.title()).toContain('Palimpsest')
})

describe('the engine', () => {
  test('keeps what is typed, over a new start of the app', async () => {
    await newDocument(page).click()
    await page.getByRole('textbox', { name: 'Title' }).fill('Kept')
    await textOf(page).click()
    await page.keyboard.type('Written in a window of its own.')
    await page.getByText('Saved on this computer').first().waitFor()
    expect(await app.close()).toBe(0)
    app = await launchDesktop({ dataDir })
    page = await app.firstWindow()
    await page.getByText('Kept', { exact: true }).first().click()
    await textOf(page).getByText('Written in a window of its own.').waitFor()
  })

  test('is started again when it dies, and the page goes on', async () => {
    const before = await enginePid()
    await killProcess(before as number)
    await until(async () => ![undefined, before].includes(await enginePid()))
    await textOf(page).click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type(' And after the engine died.')
    await page.getByText('Saved on this computer').first().waitFor()
  })

  test('of another host is not given the same folder', async () => {
    const host = startHostProgram(['--data-dir', dataDir])
    expect(await host.exited).toBe(1)
    expect(host.output()).toContain('already running on this data folder')
  })
})

describe('the bridge', () => {
  test('has two functions and nothing of Node or Electron', async () => {
    const found = await page.evaluate(() => ({
      bridge: Object.entries(window.palimpsestShell ?? {}).map(([name, value]) => `${name}: ${typeof value}`),
      leaks: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in window),
    }))
    expect(found.bridge.toSorted()).toEqual(['host: string', 'listen: function', 'platform: string', 'request: function'])
    expect(found.leaks).toEqual([])
  })

  test.each([
    { type: 'nonsense' },
    { type: 'link.open', url: 'file:///etc/passwd' },
    { type: 'link.open', url: 'javascript:alert(1)' },
    { type: 'link.open', url: 'palimpsest:x' },
    { type: 'link.open', url: 7 },
    { type: 'window.title', title: 'x', extra: true },
    { type: 'theme.set', theme: 'purple' },
    { type: 'notification.show', id: 'a', text: 'x'.repeat(10_000) },
    null,
    'engine.connect',
  ])('refuses %j', async (request) => {
    const answer = page.evaluate((asked) => window.palimpsestShell?.request(asked as never), request)
    await expect(answer).rejects.toThrow(/not a request of the page|not an address to open outside/)
  })

  test('sets the title of the window and the theme', async () => {
    await page.evaluate(() => window.palimpsestShell?.request({ type: 'window.title', title: 'A title' }))
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle())).toBe('A title')
    await page.evaluate(() => window.palimpsestShell?.request({ type: 'theme.set', theme: 'dark' }))
    await page.waitForFunction(() => matchMedia('(prefers-color-scheme: dark)').matches)
    await page.evaluate(() => window.palimpsestShell?.request({ type: 'theme.set', theme: 'system' }))
  })
})

describe('the page', () => {
  const openedOutside = () =>
    app.evaluate(({ shell }) => {
      globalThis.seen = []
      shell.openExternal = async (url) => void globalThis.seen.push(url)
    })

  test.each(['https://example.com/', 'http://127.0.0.1:1/'])('cannot navigate to %s', async (target) => {
    const before = page.url()
    await app.evaluate(({ BrowserWindow }) => {
      globalThis.seen = []
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      contents?.once('will-navigate', (event) => globalThis.seen.push(event.defaultPrevented))
    })
    await page.evaluate((url) => {
      location.href = url
    }, target)
    expect(await recorded()).toEqual([true])
    expect(page.url()).toBe(before)
    await newDocument(page).waitFor()
  })

  const outside = ['https://example.com/a', 'http://example.com/b', 'mailto:a@example.com']
  const refused = [
    'file:///etc/passwd',
    'javascript:void 0',
    'data:text/html,x',
    'palimpsest://join/x',
    'ms-settings:x',
    'app://palimpsest/',
  ]

  test('opens https, http and mailto outside, never a window', async () => {
    await openedOutside()
    for (const url of [...refused, ...outside]) await page.evaluate((address) => void window.open(address), url)
    await until(async () => (await app.evaluate(() => globalThis.seen)).length === outside.length)
    expect(await app.evaluate(() => globalThis.seen)).toEqual(outside)
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })

  test('asks the shell to open a link of the text, which refuses what it would not open itself', async () => {
    await openedOutside()
    const ask = (address: string) =>
      page.evaluate(
        (url) =>
          window.palimpsestShell?.request({ type: 'link.open', url }).then(
            () => 'opened',
            () => 'refused',
          ),
        address,
      )
    for (const url of refused) expect(await ask(url)).toBe('refused')
    for (const url of outside) expect(await ask(url)).toBe('opened')
    expect(await app.evaluate(() => globalThis.seen)).toEqual(outside)
  })

  test.each(['geolocation', 'notifications', 'camera', 'microphone'])('is denied %s', async (name) => {
    const state = await page.evaluate(
      async (permission) => (await navigator.permissions.query({ name: permission as PermissionName })).state,
      name,
    )
    expect(state).toBe('denied')
  })

  test('runs no script but its own', async () => {
    const refused = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true })
          const script = document.createElement('script')
          script.textContent = 'window.wasRun = true'
          document.head.append(script)
        }),
    )
    expect(await refused).toBe('script-src-elem')
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false)
  })

  test('ran into no error', () => {
    expect(problems).toEqual([])
  })
})

describe('the shell', () => {
  test('runs commands of the page from the native menu', async () => {
    await recordMessages()
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('document.new')?.click())
    expect(await recorded()).toEqual([{ type: 'command', id: 'document.new' }] satisfies ShellMessage[])
    await page.waitForFunction(() => document.querySelector('[role=textbox][aria-label="Document text"]')?.textContent === '')
  })

  test('shows notifications of the system, and a click brings the window and tells the page which', async () => {
    await recordMessages()
    await app.evaluate(({ BrowserWindow, Notification }) => {
      Notification.prototype.show = function () {
        globalThis.seen.push({ title: this.title, body: this.body })
        BrowserWindow.getAllWindows()[0]?.once('focus', () => globalThis.seen.push('focus'))
        this.emit('click')
      }
    })
    const shown = { type: 'notification.show', id: 'a', text: 'Ada mentions you in “Rain”.' } as const
    await page.evaluate((request) => window.palimpsestShell?.request(request), shown)
    const [told, ...followed] = await recorded()
    expect(told).toEqual({ title: 'Palimpsest', body: shown.text })
    expect(followed).toEqual(['focus', { type: 'notification.followed', id: 'a' }])
  })

  test('takes a link from a second start, shows its window, and the second one goes', async () => {
    await recordMessages()
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.once('focus', () => globalThis.seen.push('focus')))
    const second = startDesktopProgram({ dataDir, args: ['palimpsest:open?x=1'] })
    expect(await second.exited).toBe(1)
    expect(second.output()).toContain('already running on this data folder')
    await until(async () => (await app.evaluate(() => globalThis.seen)).length === 2)
    expect(await app.evaluate(() => globalThis.seen)).toEqual(['focus', { type: 'link', url: 'palimpsest:open?x=1' }])
  })

  test('takes a link from the platform', async () => {
    await recordMessages()
    await app.evaluate(({ app: electron }) => {
      electron.emit('open-url', { preventDefault() {} }, 'palimpsest:open?x=2')
    })
    expect(await recorded()).toEqual([{ type: 'link', url: 'palimpsest:open?x=2' }])
  })

  test('remembers where its window was', async () => {
    const bounds = { x: 40, y: 50, width: 900, height: 700 }
    await app.evaluate(({ BrowserWindow }, rectangle) => BrowserWindow.getAllWindows()[0]?.setBounds(rectangle), bounds)
    await app.close()
    app = await launchDesktop({ dataDir })
    await app.firstWindow()
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds())).toEqual(bounds)
  })
})
