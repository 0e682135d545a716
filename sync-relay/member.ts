/** One client in one document: what it is told, and what it has told. */
import type { PalimpsestError } from '../core/errors.ts'
import type { ChangeHash, PersonKey } from '../core/ids.ts'
import { writeMessage } from '../core/protocol/messages.ts'
import type { Added } from '../core/sync/change-graph.ts'
import { readSmallChanges } from '../core/sync/keystroke.ts'
import { type SyncPlan, SyncSession } from '../core/sync/session.ts'
import { type SyncMessage, writeSyncMessages } from '../core/sync/sync-message.ts'
import type { News } from './fan-out.ts'
import { type FramedMessage, framed } from './framed-message.ts'
import { platform } from './platform.ts'
import type { Visitor } from './policy.ts'
import type { Room, Writer } from './room.ts'

/** How a member reaches its client. */
export interface Outlet {
  /** A message of its own; `changes` of any size may follow it. */
  sendSync(room: Room, data: Uint8Array): void
  /** What many receive. */
  sendShared(message: FramedMessage): void
  /** Asked before anything about the document is sent. */
  mayRead(room: Room): boolean
  /** Why the client may not bring a change of that author, or null. */
  refuses(room: Room, author: PersonKey | null): PalimpsestError | null
  /** What came by this client made the document longer by the changes from this row on. */
  wrote(room: Room, firstRow: number): void
  /** The client's person, who makes changes of their own; null where there are no people. */
  readonly visitor: Visitor
  /** What the client sent, or what that had been waiting for, is part of the document now. */
  took(member: Member): void
  /** Something went wrong that is not the client's doing; the connection should be closed. */
  fail(error: unknown): void
}

export class Member implements Writer {
  readonly room: Room
  readonly #outlet: Outlet
  readonly #session: SyncSession
  readonly #isLive: boolean
  #isSpeaking = false
  #speakAgain = false
  /** Changes of this client that wait for others that it has not sent. */
  readonly #waiting = new Set<ChangeHash>()
  /** Whether some of these came by the sync protocol, where only heads say that they are held. */
  #owesHeads = false

  constructor(room: Room, outlet: Outlet, isLive: boolean) {
    this.room = room
    this.#outlet = outlet
    this.#session = new SyncSession(room.graph, { initiates: false })
    this.#isLive = isLive
    if (!isLive) return
    this.#session.goLive()
    outlet.sendShared(framed(writeMessage({ type: 'live', documentId: room.id, channel: room.channel })))
  }

  /** Whether everything that this client sent is part of the document. */
  get isWhole(): boolean {
    for (const hash of this.#waiting) if (this.room.graph.has(hash)) this.#waiting.delete(hash)
    return this.#waiting.size === 0
  }

  get person(): PersonKey | null {
    return this.#outlet.visitor.person
  }

  refuses(author: PersonKey | null): PalimpsestError | null {
    return this.#outlet.refuses(this.room, author)
  }

  wrote(firstRow: number): void {
    this.#outlet.wrote(this.room, firstRow)
  }

  receive(news: News): void {
    if (!this.#outlet.mayRead(this.room)) return
    if ((this.#waiting.size > 0 || this.#owesHeads) && this.isWhole) this.#tookAll()
    if (news.kind === 'much') return this.#catchUp(news)
    if (news.kind === 'changes' && !this.#isLive) return this.#speakSoon()
    const frame = news.frameFor(this)
    if (frame) this.#outlet.sendShared(frame)
  }

  /** What had waited is part of the document now, and is said to be held: what came on the live stream by acknowledging it, the rest by naming the new heads. */
  #tookAll(): void {
    this.#outlet.took(this)
    if (!this.#owesHeads) return
    this.#owesHeads = false
    this.#session.ask()
    this.#speakSoon()
  }

  /** Says by the sync protocol what did not come on the live stream. Whoever sent it says so in the message that it is in. */
  #catchUp({ from }: News): void {
    if (from === this) return
    if (this.#isLive) this.#session.goLive()
    this.#speakSoon()
  }

  /** Takes a sync message. Throws the reason when something in it was refused. */
  async receiveSync(message: SyncMessage): Promise<void> {
    const result = message.changes.length > 0 ? await this.room.admit(message.changes, this) : null
    this.#session.receive(message)
    if (result && result.waiting.length > 0) this.#owesHeads = true
    if (result) this.#take(result)
    if (this.room.graph.size > 0 || message.heads.length > 0) this.#speakSoon()
  }

  /** Takes changes of the live stream; only large ones take time. Throws the reason when one was refused. */
  receiveChanges(changes: readonly Uint8Array[]): Promise<void> | undefined {
    const read = readSmallChanges<never>(changes, platform)
    if (!read) return this.room.admit(changes, this).then((result) => this.#takeLive(result))
    this.#takeLive(this.room.admitChanges(read, this))
    return undefined
  }

  #takeLive(result: Added): void {
    this.#take(result)
    // A gap: what is missing is asked for by the sync protocol.
    if (result.waiting.length > 0) this.#speakSoon()
  }

  #take({ waiting, refused }: Added): void {
    for (const hash of waiting) this.#waiting.add(hash)
    if (refused[0]) throw refused[0].error
  }

  /** Says what there is to say, each message when all that it names is durable; one at a time, however often this is called meanwhile. */
  #speakSoon(): void {
    this.#speakAgain = true
    if (this.#isSpeaking) return
    this.#isSpeaking = true
    void this.#speakAll()
  }

  async #speakAll(): Promise<void> {
    try {
      while (this.#speakAgain) {
        this.#speakAgain = false
        for (let plan = this.#next(); plan; plan = this.#next()) await this.#say(plan)
      }
    } catch (error) {
      this.#outlet.fail(error)
    } finally {
      this.#isSpeaking = false
    }
  }

  async #say(plan: SyncPlan): Promise<void> {
    await this.room.durable()
    const { chunks, hasDocument } = await this.room.chunksOf(plan)
    // What the message takes for granted has to be on its way before it.
    this.room.passOn()
    for (const data of writeSyncMessages(plan, chunks, hasDocument)) this.#outlet.sendSync(this.room, data)
  }

  #next(): SyncPlan | null {
    return this.#outlet.mayRead(this.room) ? this.#session.next() : null
  }
}
