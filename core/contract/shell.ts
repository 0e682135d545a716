/**
 * What a renderer can ask of the shell it runs in (Electron's main process, or the page of the web host), beside the engine.
 * The preload script exposes exactly two functions, `request` and `listen`, with these types, as `window.palimpsestShell`.
 */

export type ShellRequest =
  /** The shell answers with a message event on the window: `{ type: shellChannels.enginePort }` with one MessagePort. */
  | { type: 'engine.connect' }
  /** Only `https:`, `http:` and `mailto:`; anything else is refused. */
  | { type: 'link.open'; url: string }
  /** Shows the data folder in the platform's file manager. */
  | { type: 'data-dir.show' }
  /** The title of the window, and whether it represents unsaved work. */
  | { type: 'window.title'; title: string }
  | { type: 'spelling.set'; enabled: boolean }
  | { type: 'theme.set'; theme: 'system' | 'light' | 'dark' }
  /** Shows a line outside the window; `notification.followed` tells with the same id that the person clicked it. */
  | { type: 'notification.show'; id: string; text: string }
  /** The answer to `closing`: nothing is left in the page. */
  | { type: 'window.settled' }

export type ShellMessage =
  /** A menu item or accelerator of the native menu: the id of a command of the palette. */
  | { type: 'command'; id: string }
  /** A `palimpsest:` link was opened. */
  | { type: 'link'; url: string }
  /** The engine died and is being started again. */
  | { type: 'engine.restarted' }
  /** The person clicked a notification, and the window is in front. */
  | { type: 'notification.followed'; id: string }
  /** The window is about to go, as soon as the page says `window.settled`, at the latest after a few seconds. */
  | { type: 'closing' }

export interface ShellBridge {
  readonly host: 'electron'
  readonly platform: string
  request(request: ShellRequest): Promise<void>
  listen(receive: (message: ShellMessage) => void): void
}

/** Channels between the preload script and Electron's main process; `enginePort` is also the type of the message event on the window. */
export const shellChannels = {
  /** Preload → main, answered: a `ShellRequest`. */
  request: 'palimpsest:request',
  /** Main → preload: a `ShellMessage`. */
  message: 'palimpsest:message',
  /** Main → preload: one MessagePort, joined to the engine. */
  enginePort: 'palimpsest:engine-port',
} as const
