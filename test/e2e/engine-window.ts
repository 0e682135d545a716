/**
 * A window on a running app without a page: the engine contract over the web host's own socket, opened as a page opens it. For tests that
 * type more than a keyboard could.
 */
import { once } from 'node:events'
import type { Page } from 'playwright-core'
import { WebSocket } from 'ws'
import type { DocumentId } from '../../core/ids.ts'
import type { BytesPort } from '../../core/contract/port.ts'
import { createEngineClient, type ReconnectingClient } from '../../renderer/client/engine-client.ts'

/** Takes the place of a page that has access. Close it before the app. */
export async function openEngineWindow(page: Page): Promise<ReconnectingClient> {
  const { origin } = new URL(page.url())
  const cookies = await page.context().cookies(origin)
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const client = createEngineClient(() => connect(origin, cookie))
  await new Promise<void>((connected) => client.onState((state) => state === 'connected' && connected()))
  return client
}

/** The document with a title, as soon as the library knows it: a moment after it was typed. */
export function findDocument(window: ReconnectingClient, title: string): Promise<DocumentId> {
  return new Promise((resolve, reject) => {
    const stop = window.on('library.changed', () => void look().catch(reject))
    async function look() {
      const { documents } = await window.call('library.read', {})
      const found = documents.find((document) => document.title === title)
      if (!found) return
      stop()
      resolve(found.id)
    }
    look().catch(reject)
  })
}

async function connect(origin: string, cookie: string): Promise<BytesPort> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/engine`, { headers: { origin, cookie }, perMessageDeflate: false })
  socket.binaryType = 'nodebuffer'
  await once(socket, 'open')
  return {
    post: (bytes) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
    },
    onMessage: (receive) => void socket.on('message', (data: Buffer) => receive(new Uint8Array(data))),
    onClose: (closed) => void socket.once('close', closed),
    close: () => socket.close(),
  }
}
