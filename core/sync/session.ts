/**
 * One document, one peer: the Automerge sync protocol answered from a change graph, without the document.
 *
 * The session decides what to say and what to send; it moves no bytes. Whoever owns it gives the changes of a received message to the graph first, then
 * calls `receive`, then sends what `next` plans until that is null, and calls `next` again whenever the graph has grown.
 *
 * The connection is ordered and reliable, so what was sent will be there: `#sent` never has to be repeated while the connection lasts, except when the
 * peer asks by name. What a peer says of itself may be wrong (Bloom filters are, one time in a hundred; a peer may lie). Three rules keep that from doing harm:
 *
 * 1. Heads are believed before Bloom filters: when all heads of the peer are known here, it lacks exactly what they do not include.
 * 2. A change that is asked for by name is sent, whatever a filter said.
 * 3. `next` speaks only when it has something to say that it has not said: new heads, new needs, changes not yet sent. So no two peers,
 *    however broken, can keep each other talking.
 *
 * Between peers that share a live stream the session serves what was there before the stream began; `goLive` draws that line.
 *
 * The protocol: Kleppmann and Howard, *Byzantine Eventual Consistency and the Fundamental Limits of Peer-to-Peer Databases* (2020), and Automerge's `sync` module.
 */
import type { ChangeHash, Heads } from '../ids.ts'
import { readBloom, writeBloom } from './bloom.ts'
import type { ChangeGraph } from './change-graph.ts'
import type { SyncHave, SyncMessage } from './sync-message.ts'

/** What to send next. The owner puts the bytes in and encodes it with `writeSyncMessage`. */
export interface SyncPlan {
  heads: Heads
  need: Heads
  have: SyncHave[]
  /** Rows of the changes to send, in order. */
  rows: number[]
  /** The peer has nothing and takes saved documents: `rows` are all there is, and may be sent as one document chunk and the changes after it. */
  whole: boolean
}

export interface SyncOptions {
  /** Version that both sides had when they last talked, kept from an earlier session. */
  shared?: Heads
  /** Whether this side speaks first. */
  initiates: boolean
}

/** Asking for more at once would only make a long message. */
const maxNeeds = 1_000

/** Changes beyond which a first message says nothing of what is there but its heads: a filter over them would be larger than their saved form. */
const maxFirstFilter = 500

export class SyncSession {
  readonly #graph: ChangeGraph
  readonly #initiates: boolean
  #shared: Heads
  /** The last message of the peer. */
  #peer: SyncMessage | null = null
  /** Rows to send, ascending. */
  #pending: number[] = []
  /** Rows from here on have not been looked at since the peer's last message. */
  #considered = 0
  readonly #sent = new Set<number>()
  /** Rows from here on travel on the live stream. */
  #liveFrom = Number.POSITIVE_INFINITY
  #toldHeads: string | null = null
  #toldNeed = ''
  #answerDue = false
  #reset: 'unknown' | 'due' | 'done' = 'unknown'

  constructor(graph: ChangeGraph, { shared = [], initiates }: SyncOptions) {
    this.#graph = graph
    this.#initiates = initiates
    this.#shared = shared.filter((hash) => graph.has(hash))
  }

  /** The last version that both sides are known to have: what to keep for the next session. */
  get shared(): Heads {
    return this.#shared
  }

  /** What the peer last said it has; null before it has said anything. */
  get peerHeads(): Heads | null {
    return this.#peer?.heads ?? null
  }

  /** Whether the peer has everything that is here, and the other way round, as far as they have told each other. */
  get converged(): boolean {
    return this.#peer !== null && this.#pending.length === 0 && this.#unknown().length === 0 && this.#graph.missing().length === 0
  }

  /**
   * From now on new changes travel on the live stream, in both directions, and are not planned here. When it is called again, what came since the peer's last
   * message is planned, whether it travelled on the stream or not.
   */
  goLive(): void {
    this.#liveFrom = this.#graph.size
  }

  /** Makes `next` speak once, though there is no news: what the peer has beyond the live stream, its answer says. */
  ask(): void {
    this.#toldHeads = null
  }

  /** Takes a message whose changes the graph has been given already. */
  receive(message: SyncMessage): void {
    const graph = this.#graph
    this.#peer = message
    this.#answerDue = true
    if (message.heads.length === 0 && this.#hasGiven()) this.#startAgain()
    const lacking = this.#unknown().length === 0 ? this.#lackingByHeads(message.heads) : this.#lackingByFilter(message)
    const asked = message.need.map((hash) => graph.rowOf(hash)).filter((row) => row >= 0)
    // Who has to ask lacks something of the live stream, too.
    const open = lacking.filter((row) => (row < this.#liveFrom || asked.length > 0) && !this.#sent.has(row))
    this.#pending = asked.length === 0 ? open : [...new Set([...open, ...asked])].sort((left, right) => left - right)
    this.#considered = graph.size
  }

  /** What to send now, at most `limit` changes of it, or null. Counts as sent. */
  next(limit = 10_000): SyncPlan | null {
    if (!this.#peer && !this.#initiates) return null
    if (this.#reset === 'due') return this.#resetPlan()
    this.#considerNewRows()
    const need = [...new Set([...this.#unknown(), ...this.#graph.missing()])].slice(0, maxNeeds)
    if (this.#pending.length === 0 && !this.#hasNews(need)) return null
    const whole = this.#canSendWhole()
    const rows = whole ? this.#pending : this.#pending.slice(0, limit)
    this.#pending = this.#pending.slice(rows.length)
    for (const row of rows) this.#sent.add(row)
    this.#told(need)
    return { heads: this.#graph.heads, need, have: this.#have(), rows, whole }
  }

  /** Whether the peer should have something by now. */
  #hasGiven(): boolean {
    return this.#sent.size > 0 || this.#graph.size > this.#liveFrom
  }

  /** A peer that has nothing (any more): whatever was sent before is not there. */
  #startAgain(): void {
    this.#sent.clear()
    this.#toldHeads = null
    if (this.#liveFrom !== Number.POSITIVE_INFINITY) this.#liveFrom = this.#graph.size
  }

  #unknown(): ChangeHash[] {
    return (this.#peer?.heads ?? []).filter((hash) => !this.#graph.has(hash))
  }

  #lackingByHeads(heads: Heads): number[] {
    this.#shared = heads
    const lacking = this.#graph.rowsSince(heads)
    const stillOnTheWay = new Set(lacking)
    for (const row of this.#sent) if (!stillOnTheWay.has(row)) this.#sent.delete(row)
    return lacking
  }

  /** The peer has changes that are not here, so its heads do not say what it lacks; its `have` does. */
  #lackingByFilter({ have, heads }: SyncMessage): number[] {
    const graph = this.#graph
    const lastSync = have.flatMap((each) => each.lastSync)
    const known = lastSync.filter((hash) => graph.has(hash))
    if (known.length < lastSync.length && this.#reset === 'unknown') this.#reset = 'due'
    this.#shared = [...new Set([...known, ...heads.filter((hash) => graph.has(hash))])]
    // A peer that says nothing of what it has will do so when it knows our heads.
    if (have.length === 0) return []
    const filters = have.map(({ bloom }) => readBloom(bloom))
    const lacking = new Set<number>()
    for (const row of graph.rowsSince(this.#shared)) {
      const hash = graph.hashBytesAt(row)
      // What stands on a change that the peer lacks, it lacks too, even where the filter is wrong.
      if (graph.depsAt(row).some((dep) => lacking.has(dep)) || !filters.some((filter) => filter.mayHave(hash))) lacking.add(row)
    }
    return [...lacking]
  }

  /** Changes that came since the peer's last message: it does not have them, or its message would have brought them. */
  #considerNewRows(): void {
    if (!this.#peer) return
    for (let row = this.#considered; row < Math.min(this.#graph.size, this.#liveFrom); row++) this.#pending.push(row)
    this.#considered = this.#graph.size
  }

  #hasNews(need: Heads): boolean {
    if (this.#toldHeads === null || need.join() !== this.#toldNeed) return true
    const isLive = this.#liveFrom !== Number.POSITIVE_INFINITY
    return (this.#answerDue || !isLive) && this.#graph.heads.join() !== this.#toldHeads
  }

  #canSendWhole(): boolean {
    return (
      this.#peer?.takesDocuments === true &&
      this.#peer.heads.length === 0 &&
      this.#pending.length > 1 &&
      this.#pending.length === this.#graph.size
    )
  }

  /**
   * What we have, for the peer to find what we lack. When it lacks nothing we have once this message is there, our own heads say it all; so a
   * peer that is up to date costs no filter over the history.
   */
  #have(): SyncHave[] {
    if (!this.#peer && this.#shared.length === 0 && this.#graph.size > maxFirstFilter) return []
    if (this.#peer && this.#pending.length === 0 && this.#unknown().length === 0)
      return [{ lastSync: this.#graph.heads, bloom: new Uint8Array() }]
    return [this.#haveSince(this.#shared)]
  }

  #haveSince(lastSync: Heads): SyncHave {
    const rows = this.#graph.rowsSince(lastSync)
    return {
      lastSync,
      bloom: writeBloom(
        rows.map((row) => this.#graph.hashBytesAt(row)),
        rows.length,
      ),
    }
  }

  /** The peer builds on a common version that is not known here (we were restored from an older copy): begin from nothing in common. */
  #resetPlan(): SyncPlan {
    this.#reset = 'done'
    this.#pending = []
    this.#told([])
    return { heads: this.#graph.heads, need: [], have: [this.#haveSince([])], rows: [], whole: false }
  }

  #told(need: Heads): void {
    this.#toldHeads = this.#graph.heads.join()
    this.#toldNeed = need.join()
    this.#answerDue = false
  }
}
