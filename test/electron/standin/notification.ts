import { EventEmitter } from 'node:events'
import type Electron from 'electron'

/** A notification that nobody sees; a test puts its own `show` here to know of it. */
export class Notification extends EventEmitter {
  readonly title: string
  readonly body: string

  constructor({ title = '', body = '' }: Electron.NotificationConstructorOptions) {
    super()
    this.title = title
    this.body = body
  }

  show() {}

  static isSupported = () => true
}
