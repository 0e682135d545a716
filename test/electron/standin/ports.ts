/** Message ports. This process is the switchboard: each end is with the main process, with a page or with the engine's process. */
import { randomUUID } from 'node:crypto'
import type Electron from 'electron'

/** Where an end of a channel is. */
export interface PortHolder {
  deliver(id: string, message: unknown): void
  closed(id: string): void
}

interface End {
  readonly id: string
  readonly peer: string
  /** Null until it is where it is going. */
  holder: PortHolder | null
  readonly queue: unknown[]
}

const ends = new Map<string, End>()

/** What came for this end before it arrived is delivered now. */
export function settle(id: string, holder: PortHolder) {
  const end = ends.get(id)
  if (!end) return holder.closed(id)
  end.holder = holder
  for (const message of end.queue.splice(0)) holder.deliver(id, message)
}

/** From the holder of `id` to its peer. */
export function sendFrom(id: string, message: unknown) {
  const peer = ends.get(ends.get(id)?.peer ?? '')
  if (peer?.holder) peer.holder.deliver(peer.id, message)
  else peer?.queue.push(message)
}

export function closeEnd(id: string) {
  const end = ends.get(id)
  const peer = ends.get(end?.peer ?? '')
  if (!end || !peer) return
  ends.delete(end.id)
  ends.delete(peer.id)
  peer.holder?.closed(peer.id)
}

/** As long as it is with the main process, a port can only be sent on: the shell never listens to one. */
export class MessagePortMain {
  readonly id: string

  constructor(id: string) {
    this.id = id
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain
  readonly port2: MessagePortMain

  constructor() {
    const [first, second] = [randomUUID(), randomUUID()]
    ends.set(first, { id: first, peer: second, holder: null, queue: [] })
    ends.set(second, { id: second, peer: first, holder: null, queue: [] })
    this.port1 = new MessagePortMain(first)
    this.port2 = new MessagePortMain(second)
  }
}

/** The ids of ports in a transfer list. */
export function takePorts(transfer: readonly unknown[] = []): string[] {
  return transfer.map((port, index) => {
    if (!(port instanceof MessagePortMain)) throw new TypeError(`Port at index ${index} is not a valid port`)
    return port.id
  })
}

/** What the shell hands us is typed as Electron's. */
export type Transfer = Electron.MessagePortMain[]
