import type { Notice } from '../../core/contract/engine.ts'
import type { DiskState } from './storage/chunk-store.ts'

const maxKept = 50

/** What the person should know. Renderers that are connected are told at once, later ones with `engine.info`. */
export class NoticeBoard {
  readonly #dataDir: string
  #tell: (notice: Notice) => void = () => {}
  #kept: Notice[] = []

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  /** From now on `tell` is called with each notice. */
  tell(tell: (notice: Notice) => void): void {
    this.#tell = tell
  }

  post(notice: Notice): void {
    this.#kept = [...this.#kept, notice].slice(-maxKept)
    this.#tell(notice)
  }

  /** The disk's state is one notice, not a list of them: only the last one holds. */
  disk(state: DiskState): void {
    this.#kept = this.#kept.filter(({ kind }) => !['disk-full', 'disk-failing', 'read-only'].includes(kind))
    if (state === 'disk-full') this.post({ kind: 'disk-full' })
    else if (state === 'failing') this.post({ kind: 'disk-failing' })
    else if (state === 'read-only') this.post({ kind: 'read-only', dataDir: this.#dataDir })
    else this.#tell({ kind: 'disk-ok' })
  }

  current = (): Notice[] => [...this.#kept]
}
