/** A page of a real Chromium, with the surface of Electron's `WebContents` that the shell uses. */
import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type Electron from 'electron'
import { createCodec } from './codec.ts'
import type { Chromium, Session } from './connection.ts'
import { invoke } from './ipc.ts'
import { announceClosedPorts, askForWindows, createBridge, createPreloadWorld, type FromPage, type ToPage } from './page-worlds.ts'
import { closeEnd, sendFrom, settle, takePorts, type Transfer } from './ports.ts'
import { answerRequest, fromPageAddress, toPageAddress } from './schemes.ts'
import { defaultSession } from './session.ts'

const worldName = 'preload'
const codec = createCodec()

/** One document in the main frame, from its first script to the next navigation. */
interface Frame {
  readonly contextId: number
  readonly ports: Set<string>
}

type OpenHandler = (details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse

export class WebContents extends EventEmitter {
  readonly session = defaultSession
  readonly mainFrame: WebFrameMain
  targetId = ''
  #frame: Frame | null = null
  #session: Session | null = null
  #address = ''
  #isLoading = false
  #isOwnNavigation = false
  #openHandler: OpenHandler = () => ({ action: 'allow' })

  constructor() {
    super()
    this.mainFrame = new WebFrameMain(this)
  }

  /** Makes the page and puts the preload script in it. */
  async attach(chromium: Chromium, options: { width: number; height: number; preload: string }): Promise<void> {
    const { targetId } = await chromium.browser.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...sizeOf(options) })
    this.targetId = targetId
    const { sessionId } = await chromium.browser.send('Target.attachToTarget', { targetId, flatten: true })
    const session = chromium.session(sessionId)
    this.#session = session
    this.#listen(session)
    await session.send('Page.enable')
    await session.send('Runtime.enable')
    await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
    await session.send('Runtime.addBinding', { name: 'standinSend', executionContextName: worldName })
    await installWorlds(session, readFileSync(options.preload, 'utf8'))
  }

  #listen(session: Session) {
    session.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = context.auxData as { frameId?: string }
      if (context.name !== worldName || frameId !== this.targetId) return
      this.dropFrame()
      this.#frame = { contextId: context.id, ports: new Set() }
    })
    session.on('Runtime.executionContextsCleared', () => this.dropFrame())
    session.on('Runtime.bindingCalled', ({ payload }) => this.#receive(JSON.parse(payload) as FromPage))
    session.on('Fetch.requestPaused', (event) => void this.#answer(session, event))
    session.on('Page.frameNavigated', ({ frame }) => {
      if (!frame.parentId) this.#address = fromPageAddress(frame.url)
    })
    session.on('Page.domContentEventFired', () => this.emit('dom-ready'))
    session.on('Page.loadEventFired', () => {
      this.#isLoading = false
      this.emit('did-finish-load')
    })
  }

  /** Pages navigate by asking for a document; the app may refuse before anything is fetched. */
  async #answer(session: Session, event: PausedRequest): Promise<void> {
    const isNavigation = event.resourceType === 'Document' && event.frameId === this.targetId
    if (isNavigation && !this.#isOwnNavigation && this.#isRefused(fromPageAddress(event.request.url))) {
      await session.send('Fetch.failRequest', { requestId: event.requestId, errorReason: 'Aborted' })
      return
    }
    if (isNavigation) this.#isOwnNavigation = false
    await answerRequest(session, event)
  }

  #isRefused(url: string): boolean {
    const event = { url, defaultPrevented: false, preventDefault: () => (event.defaultPrevented = true) }
    this.emit('will-navigate', event)
    return event.defaultPrevented
  }

  #receive(message: FromPage) {
    if (message.type === 'port-message') return sendFrom(message.port, codec.decode(message.message))
    if (message.type === 'port-closed') return closeEnd(message.port)
    if (message.type === 'open') return this.#askToOpen(fromPageAddress(message.url))
    const event = { sender: this, senderFrame: this.mainFrame }
    invoke(message.channel, event, message.args.map(codec.decode)).then(
      (value) => this.toPage({ type: 'reply', id: message.id, ok: true, value: codec.encode(value) }),
      (error: unknown) =>
        this.toPage({ type: 'reply', id: message.id, ok: false, message: `Error invoking '${message.channel}': ${error}` }),
    )
  }

  #askToOpen(url: string) {
    const referrer = { url: '', policy: 'default' } as const
    const { action } = this.#openHandler({ url, frameName: '', features: '', disposition: 'foreground-tab', referrer })
    if (action === 'allow') throw new Error('the stand-in opens no windows for pages')
  }

  toPage(message: ToPage) {
    if (!this.#frame) return
    const expression = `standinReceive(${JSON.stringify(JSON.stringify(message))})`
    // The document may be gone by the time this arrives, as any message to a page.
    this.#session?.send('Runtime.evaluate', { expression, contextId: this.#frame.contextId }).catch(() => {})
  }

  sendWithPorts(channel: string, args: unknown[], transfer: Transfer = []) {
    const frame = this.#frame
    if (!frame) return
    const ports = takePorts(transfer)
    this.toPage({ type: 'event', channel, args: args.map(codec.encode), ports })
    for (const id of ports) {
      frame.ports.add(id)
      settle(id, {
        deliver: (port, message) => this.toPage({ type: 'port-message', port, message: codec.encode(message) }),
        closed: (port) => this.toPage({ type: 'port-closed', port }),
      })
    }
  }

  send(channel: string, ...args: unknown[]) {
    this.sendWithPorts(channel, args)
  }

  /** The document is gone, and every port it held. */
  dropFrame() {
    const ports = this.#frame?.ports ?? []
    this.#frame = null
    for (const id of ports) closeEnd(id)
  }

  async load(url: string): Promise<void> {
    this.#isOwnNavigation = true
    this.#isLoading = true
    const result = await this.#session?.send('Page.navigate', { url: toPageAddress(url) })
    if (result?.errorText) throw new Error(`${result.errorText} loading ${url}`)
  }

  async setColorScheme(value: string): Promise<void> {
    const features = value === 'system' ? [] : [{ name: 'prefers-color-scheme', value }]
    await this.#session?.send('Emulation.setEmulatedMedia', { features })
  }

  getURL = () => this.#address
  isCrashed = () => false
  isLoading = () => this.#isLoading
  setWindowOpenHandler = (handler: OpenHandler) => {
    this.#openHandler = handler
  }
}

export class WebFrameMain {
  readonly #contents: WebContents

  constructor(contents: WebContents) {
    this.#contents = contents
  }

  get url() {
    return this.#contents.getURL()
  }

  postMessage(channel: string, message: unknown, transfer?: Transfer) {
    this.#contents.sendWithPorts(channel, [message], transfer)
  }
}

interface PausedRequest {
  requestId: string
  resourceType: string
  frameId: string
  request: { url: string; method: string; headers: Record<string, string> }
}

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height })

/** Both worlds get their side of the bridge, under a name that the page cannot guess, before any script of the page runs. */
async function installWorlds(session: Session, preload: string): Promise<void> {
  const secret = `standin-${randomBytes(8).toString('hex')}-`
  const [bridge, closing, opening] = ['bridge-', 'closing', 'opening'].map((name) => JSON.stringify(secret + name))
  const pageWorld = `(${createBridge})('page', ${bridge}); (${announceClosedPorts})(${closing}); (${askForWindows})(${opening})`
  await session.send('Page.addScriptToEvaluateOnNewDocument', { source: pageWorld })
  const platform = JSON.stringify(process.platform)
  const args = [`(${createBridge})('preload', ${bridge})`, `(${createCodec})()`, platform, closing, opening]
  const world = `(${createPreloadWorld})(${args.join(', ')})`
  const script = `(function (require, process, module, exports) {\n${preload}\n}).call(undefined, world.require, world.process, { exports: {} }, {})`
  await session.send('Page.addScriptToEvaluateOnNewDocument', {
    worldName,
    source: `if (window === window.top) { const world = ${world}; ${script} }`,
  })
}
