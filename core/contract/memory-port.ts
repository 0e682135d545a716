import type { BytesPort } from './port.ts'

/** Two ends of a pipe in one process. Delivery is asynchronous and in order, as over any other port. */
export function createPortPair(): [BytesPort, BytesPort] {
  const [left, right] = [new MemoryPort(), new MemoryPort()]
  left.other = right
  right.other = left
  return [left, right]
}

class MemoryPort implements BytesPort {
  other: MemoryPort | null = null
  #inbox: Uint8Array[] = []
  #receive: ((bytes: Uint8Array) => void) | null = null
  #closed: (() => void) | null = null
  #isClosed = false

  post(bytes: Uint8Array): void {
    const copy = bytes.slice()
    void Promise.resolve().then(() => this.other?.deliver(copy))
  }

  onMessage(receive: (bytes: Uint8Array) => void): void {
    this.#receive = receive
    for (const bytes of this.#inbox.splice(0)) receive(bytes)
  }

  onClose(closed: () => void): void {
    this.#closed = closed
    if (this.#isClosed) closed()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const other = this.other
    this.#closed?.()
    void Promise.resolve().then(() => other?.close())
  }

  deliver(bytes: Uint8Array): void {
    if (this.#isClosed) return
    if (this.#receive) this.#receive(bytes)
    else this.#inbox.push(bytes)
  }
}
