/**
 * What pages ask of the shell. Every request is believed only from the main frame of one of our windows while it shows our page, and only
 * when it has the form of the contract.
 */
import { BrowserWindow, ipcMain, type IpcMainInvokeEvent, nativeTheme, shell, type WebFrameMain } from 'electron'
import * as v from 'valibot'
import { shellChannels, type ShellRequest } from '../../core/contract/shell.ts'
import { PalimpsestError } from '../../core/errors.ts'
import { mayOpenOutside } from './links.ts'
import { showNotification } from './notifications.ts'
import { isPageAddress } from './page-scheme.ts'

const requestParser = v.variant('type', [
  v.strictObject({ type: v.literal('engine.connect') }),
  v.strictObject({ type: v.literal('link.open'), url: v.pipe(v.string(), v.maxLength(10_000)) }),
  v.strictObject({ type: v.literal('data-dir.show') }),
  v.strictObject({ type: v.literal('window.title'), title: v.pipe(v.string(), v.maxLength(1_000)) }),
  v.strictObject({ type: v.literal('spelling.set'), enabled: v.boolean() }),
  v.strictObject({ type: v.literal('theme.set'), theme: v.picklist(['system', 'light', 'dark']) }),
  v.strictObject({
    type: v.literal('notification.show'),
    id: v.pipe(v.string(), v.maxLength(100)),
    text: v.pipe(v.string(), v.maxLength(1_000)),
  }),
  v.strictObject({ type: v.literal('window.settled') }),
]) satisfies v.GenericSchema<unknown, ShellRequest>

export interface RequestOptions {
  dataDir: string
  /** Joins the frame to the engine; resolves when the port is on its way. */
  connect(frame: WebFrameMain): Promise<void>
}

export function answerRequests(options: RequestOptions) {
  ipcMain.handle(shellChannels.request, (event, input: unknown) => {
    const { window, frame } = senderOf(event)
    const parsed = v.safeParse(requestParser, input)
    if (!parsed.success) throw new PalimpsestError('invalid', `not a request of the page: ${parsed.issues[0].message}`)
    return answer(parsed.output, window, frame, options)
  })
}

function senderOf(event: IpcMainInvokeEvent): { window: BrowserWindow; frame: WebFrameMain } {
  const window = BrowserWindow.fromWebContents(event.sender)
  const frame = event.senderFrame
  if (!window || !frame || frame !== event.sender.mainFrame || !isPageAddress(frame.url))
    throw new PalimpsestError('refused', 'only the page of the app may ask')
  return { window, frame }
}

async function answer(request: ShellRequest, window: BrowserWindow, frame: WebFrameMain, options: RequestOptions): Promise<void> {
  switch (request.type) {
    case 'engine.connect':
      return options.connect(frame)
    case 'link.open':
      if (!mayOpenOutside(request.url)) throw new PalimpsestError('refused', `not an address to open outside: ${request.url}`)
      return shell.openExternal(request.url)
    case 'data-dir.show':
      return void (await shell.openPath(options.dataDir))
    case 'window.title':
      return window.setTitle(request.title)
    case 'spelling.set':
      return window.webContents.session.setSpellCheckerEnabled(request.enabled)
    case 'theme.set':
      nativeTheme.themeSource = request.theme
      return
    case 'notification.show':
      return showNotification(window, request)
    case 'window.settled':
      window.destroy()
  }
}
