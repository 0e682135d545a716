/**
 * Tells the readers of a text what others write in its margin. The relay reads neither, so it knows of two things only: that the margin was changed, and
 * by whom; and whom somebody says that they have mentioned there.
 */
import type Database from 'better-sqlite3'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import { mayWriteTo } from '../../core/roles.ts'
import { ApiRefusal } from './api-refusal.ts'
import type { Feed } from './feed.ts'
import { durably } from './people-file.ts'
import type { Rights } from './rights.ts'

const minuteMs = 60_000
/** What one person writes in one margin in this time is told once: a comment is many changes, and rarely the last one. */
const commentsMs = 10 * minuteMs
/** Who was mentioned need not be told again so soon. */
const mentionsMs = minuteMs
/** Beyond this it is forgotten who was told of what, and somebody may be told again. */
const maxRecent = 20_000

export class Remarks {
  readonly #db: Database.Database
  readonly #rights: Rights
  readonly #feed: Feed
  readonly #now: () => number
  /** When something was told last. In memory only: after a restart it may be told once more. */
  readonly #recent = new Map<string, number>()
  /** What could not be written when it happened: who wrote in the margins of which texts. */
  readonly #missed = new Map<string, { text: DocumentId; author: PersonKey }>()

  constructor(db: Database.Database, rights: Rights, feed: Feed, now: () => number) {
    this.#db = db
    this.#rights = rights
    this.#feed = feed
    this.#now = now
  }

  /** Changes by this person became part of a document, which may be a margin. Never throws: they are taken, whatever becomes of this. */
  wrote(document: DocumentId, author: PersonKey): void {
    for (const text of this.#rights.textsOfMargin(document)) this.#comment(text, author)
  }

  /** Writes what could not be written when it happened. To be called now and then. */
  writeMissed(): void {
    for (const [key, { text, author }] of [...this.#missed]) {
      this.#missed.delete(key)
      this.#comment(text, author)
    }
  }

  /** Somebody says whom they have mentioned. Who cannot read the text is not told, and the one who says it does not learn who that is. */
  mention(by: PersonKey, text: DocumentId, people: readonly PersonKey[]): void {
    const role = this.#rights.roleOf(by, text)
    if (role === null || !this.#rights.isText(text)) throw new ApiRefusal('not-found', 'there is no such document here')
    if (!mayWriteTo('margin', role)) throw new ApiRefusal('not-allowed', 'mentioning somebody is for those who may write in the margin')
    const readers = new Set(this.#rights.readers(text))
    const keyOf = (person: PersonKey) => `mention ${text} ${by} ${person}`
    const told = [...new Set(people)].filter((person) => person !== by && readers.has(person) && !this.#isRecent(keyOf(person), mentionsMs))
    if (told.length === 0) return
    durably(this.#db, () => {
      for (const person of told) this.#feed.add(person, { kind: 'mention', document: text, from: by })
    })
    for (const person of told) this.#remember(keyOf(person))
  }

  #comment(text: DocumentId, author: PersonKey): void {
    const key = `comment ${text} ${author}`
    if (this.#isRecent(key, commentsMs)) return
    const write = this.#db.transaction(() => {
      for (const person of this.#rights.readers(text))
        if (person !== author) this.#feed.add(person, { kind: 'comment', document: text, from: author })
    })
    try {
      write()
      this.#remember(key)
    } catch {
      // The disk is full, which others say; what was written in the margin is told when it is not.
      this.#missed.set(key, { text, author })
    }
  }

  /** A clock that was set back does not keep anything from being told for longer. */
  #isRecent(key: string, forMs: number): boolean {
    return Math.abs(this.#now() - (this.#recent.get(key) ?? Number.NEGATIVE_INFINITY)) < forMs
  }

  #remember(key: string): void {
    if (this.#recent.size >= maxRecent) this.#recent.clear()
    this.#recent.set(key, this.#now())
  }
}
