import type { EngineMessage, HostMessage } from '../../core/contract/process.ts'

/** The platform's key store. Both answer null where there is none, or where it does not open. */
export interface KeyStore {
  seal(text: string): Promise<string | null>
  unseal(sealed: string): Promise<string | null>
}

/** The key store of the host: the engine itself knows no platform. */
export class HostKeyStore implements KeyStore {
  readonly #tell: (message: EngineMessage) => unknown
  readonly #asked = new Map<number, (text: string | null) => void>()
  #count = 0

  constructor(tell: (message: EngineMessage) => unknown) {
    this.#tell = tell
  }

  seal = (text: string): Promise<string | null> => this.#ask('seal', text)
  unseal = (sealed: string): Promise<string | null> => this.#ask('unseal', sealed)

  answered({ id, text }: Extract<HostMessage, { type: 'key-store' }>): void {
    this.#asked.get(id)?.(text)
    this.#asked.delete(id)
  }

  #ask(type: 'seal' | 'unseal', text: string): Promise<string | null> {
    const id = ++this.#count
    return new Promise((resolve) => {
      this.#asked.set(id, resolve)
      this.#tell({ type, id, text })
    })
  }
}
