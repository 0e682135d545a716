import type { DocumentId } from '../core/ids.ts'
import { Room, type RoomParts } from './room.ts'

/** How long a document stays in memory after the last one who followed it has gone. */
const idleMs = 60_000

/** The documents that somebody follows, or followed a moment ago. */
export class Rooms {
  readonly #parts: RoomParts
  readonly #open = new Map<DocumentId, { room: Room; emptySince: number }>()
  #channels = 0

  constructor(parts: RoomParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#open.size
  }

  /** Throws `damaged-there` when what is stored does not fit together. */
  enter(id: DocumentId): Room {
    const entry = this.#open.get(id) ?? { room: new Room(id, ++this.#channels, this.#parts), emptySince: 0 }
    this.#open.set(id, entry)
    entry.room.followers += 1
    return entry.room
  }

  leave(id: DocumentId): void {
    const entry = this.#open.get(id)
    if (!entry) return
    entry.room.followers -= 1
    entry.emptySince = Date.now()
  }

  /** Looks into a document without following it. */
  look<Result>(id: DocumentId, read: (room: Room) => Result): Result {
    const room = this.enter(id)
    try {
      return read(room)
    } finally {
      this.leave(id)
    }
  }

  /** Forgets documents that nobody has followed for a while, compacted first where many changes have come. */
  forgetIdle(now = Date.now()): void {
    for (const [id, { room, emptySince }] of this.#open) {
      if (room.isIdle && now - emptySince >= idleMs && !room.compactTail()) this.#open.delete(id)
    }
  }
}
