import type { DocumentId } from '../core/ids.ts'
import { Room, type RoomParts } from './room.ts'

/** How long a document stays in memory after the last one who followed it has gone. */
const idleMs = 60_000

/** The documents that somebody follows, or followed a moment ago. */
export class Rooms {
  readonly #parts: RoomParts
  readonly #open = new Map<DocumentId, { room: Room; followers: number; emptySince: number }>()
  #channels = 0

  constructor(parts: RoomParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#open.size
  }

  /** Throws `damaged` when what is stored does not fit together. */
  enter(id: DocumentId): Room {
    const entry = this.#open.get(id) ?? { room: new Room(id, ++this.#channels, this.#parts), followers: 0, emptySince: 0 }
    this.#open.set(id, entry)
    entry.followers += 1
    return entry.room
  }

  leave(id: DocumentId): void {
    const entry = this.#open.get(id)
    if (!entry) return
    entry.followers -= 1
    entry.emptySince = Date.now()
  }

  /** Forgets documents that nobody has followed for a while. */
  forgetIdle(now = Date.now()): void {
    for (const [id, { room, followers, emptySince }] of this.#open) {
      if (followers === 0 && room.isIdle && now - emptySince >= idleMs) this.#open.delete(id)
    }
  }
}
