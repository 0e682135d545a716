/**
 * One client at the relay's socket. It is `joining` until it has said who it is, `joined` while the two talk, and `closed` after that; every frame is
 * handled in the order it came, one at a time, and whatever is wrong with one is answered with an error and a close code. Nothing a client sends ends more
 * than its own connection.
 */
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { asPalimpsestError, PalimpsestError } from '../core/errors.ts'
import type { Role } from '../core/contract/engine.ts'
import type { DocumentId, PersonKey } from '../core/ids.ts'
import {
  type ClientMessage,
  closeCodes,
  liveVersion,
  protocolVersion,
  type RelayMessage,
  readClientMessage,
  writeMessage,
} from '../core/protocol/messages.ts'
import { readSyncMessage } from '../core/sync/sync-message.ts'
import { Acknowledgements } from './acknowledgements.ts'
import type { ChangeStore } from './change-store.ts'
import type { FanOut } from './fan-out.ts'
import type { FramedMessage } from './framed-message.ts'
import { LateAnswers } from './late-answers.ts'
import { Liveness } from './liveness.ts'
import { Member, type Outlet } from './member.ts'
import type { Meter } from './metrics/meter.ts'
import { ephemeralNews } from './news.ts'
import { Outgoing, type OutgoingLimits } from './outgoing.ts'
import type { RightsChange } from './people/rights.ts'
import type { Policy, Visitor } from './policy.ts'
import type { MessageRate } from './quotas.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

export interface ConnectionParts {
  rooms: Rooms
  store: ChangeStore
  fanOut: FanOut
  policy: Policy
  rate: MessageRate
  log: Logger
  meter: Meter
  /** The relay's own name on the wire. */
  peerId: string
}

export interface ConnectionLimits extends OutgoingLimits {
  /** Time to say who one is. */
  joinMs: number
  /** Frames of one client that wait for their turn, in bytes; then its socket is not read for a while. */
  inboxBytes: number
  /** What waits for a client may stay where it is for so long, or twice that. */
  stalledMs: number
  /** What a stock client asks for may take this long to come before it is told that it is not here. */
  unavailableMs: number
}

export const defaultLimits: ConnectionLimits = {
  joinMs: 10_000,
  streamBytes: 8 << 20,
  totalBytes: 192 << 20,
  inboxBytes: 4 << 20,
  stalledMs: 14_000,
  unavailableMs: 1_000,
}

/** Documents that a client was told are not here, of which it is told when that changes. */
const maxAsked = 20_000
/** A frame that waits costs memory for itself, too. */
const frameCost = 256
/** A question that is put again is kept; one of a client that has nothing is shorter. */
const maxQuestionBytes = 1_024

export class Connection implements Outlet {
  readonly visitor: Visitor
  readonly #socket: WebSocket
  readonly #parts: ConnectionParts
  readonly #limits: ConnectionLimits
  #state: { is: 'joining' } | { is: 'joined'; peerId: string; isLive: boolean } | { is: 'closed' } = { is: 'joining' }
  readonly #members = new Map<DocumentId, Member>()
  readonly #byChannel = new Map<number, Member>()
  readonly #asked = new Set<DocumentId>()
  readonly #inbox: Uint8Array[] = []
  #inboxBytes = 0
  #handling = false
  readonly #late: LateAnswers
  readonly #outgoing: Outgoing
  readonly #acknowledgements: Acknowledgements
  readonly #liveness: Liveness
  readonly #joinTimer: NodeJS.Timeout

  constructor(socket: WebSocket, stream: Socket, visitor: Visitor, parts: ConnectionParts, limits: ConnectionLimits) {
    this.visitor = visitor
    this.#socket = socket
    this.#parts = parts
    this.#limits = limits
    this.#outgoing = new Outgoing(socket, stream, limits, () => this.#cutOff())
    this.#acknowledgements = new Acknowledgements({
      durable: () => parts.store.durable,
      say: (number) => this.#post({ type: 'ack', number }),
    })
    this.#late = new LateAnswers({
      waitMs: limits.unavailableMs,
      stateOf: (id) => this.#members.get(id)?.room.state ?? 'away',
      sayUnavailable: (id) => this.#sayUnavailable(id),
    })
    this.#joinTimer = setTimeout(() => this.close(closeCodes.silent, 'no join message came'), limits.joinMs)
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#enqueue(data, isBinary))
    this.#liveness = new Liveness(socket, stream, limits.stalledMs, () => this.#lose())
    socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error))
    socket.on('close', (code) => this.#closed(code))
  }

  /** It has not said yet who it is. */
  get isJoining(): boolean {
    return this.#state.is === 'joining'
  }

  /** Asks for a sign of life; ends the connection when the last time brought none. */
  ping(): void {
    this.#liveness.ask()
  }

  close(code: number, reason: string): void {
    if (this.#state.is === 'closed') return
    if (code !== closeCodes.normal) this.#parts.meter.closed.add(code)
    this.#leaveAll()
    this.#socket.close(code, reason.slice(0, 120))
  }

  sendSync(room: Room, data: Uint8Array): void {
    // The right may have gone while the bytes were fetched.
    if (this.mayRead(room)) this.#post({ type: 'sync', ...this.#addressed(), documentId: room.id, data })
  }

  sendShared(message: FramedMessage): void {
    this.#outgoing.shared(message)
  }

  mayRead(room: Room): boolean {
    return this.#state.is === 'joined' && this.#roleOf(room.id) !== null
  }

  refuses(room: Room, author: PersonKey | null): PalimpsestError | null {
    if (this.#parts.policy.mayBring(this.visitor, room.id, author)) return null
    return new PalimpsestError('not-allowed', `a change of ${author}, brought by ${this.visitor.person}`)
  }

  wrote(room: Room, firstRow: number): void {
    this.#parts.policy.noteWritten(this.visitor, room.id, room.authorsFrom(firstRow))
  }

  /** What the person may do has changed: whoever lost a document gets nothing more of it from this moment on, and is told why. */
  rightsChanged({ document, person, reason }: RightsChange): void {
    if (this.#state.is !== 'joined' || (person !== null && person !== this.visitor.person)) return
    const member = this.#members.get(document)
    if (!member && !this.#asked.has(document)) return
    const role = this.#roleOf(document)
    if (role === null && member) {
      this.#drop(member)
      this.#deny(document, reason)
    } else if (role !== null) {
      this.#asked.delete(document)
      this.#tellAccess(document, role)
      this.#late.askAgain(document)
    }
  }

  /** The ticket ended, or the person was removed. */
  expel(code: number, reason: string): void {
    this.#refuse(new PalimpsestError('not-allowed', reason), code)
  }

  took(member: Member): void {
    this.#acknowledgements.took(member)
  }

  fail(error: unknown): void {
    this.#parts.log.error({ error: String(error) }, 'a client could not be served')
    this.close(closeCodes.goingAway, 'the relay met a fault of its own')
  }

  #enqueue(data: Buffer, isBinary: boolean): void {
    if (!isBinary) return this.#refuse(new PalimpsestError('invalid', 'a text frame'))
    this.#inbox.push(data)
    this.#inboxBytes += data.length + frameCost
    if (this.#inboxBytes > this.#limits.inboxBytes) this.#socket.pause()
    if (!this.#handling) void this.#handleAll()
  }

  /** Most frames are handled before this returns; one that a worker has to look into holds up those behind it. */
  async #handleAll(): Promise<void> {
    this.#handling = true
    for (let frame = this.#inbox.shift(); frame; frame = this.#inbox.shift()) {
      this.#inboxBytes -= frame.length + frameCost
      let message: ClientMessage | null = null
      const { person } = this.visitor
      const pauseMs = person === null ? 0 : this.#parts.rate.take(person, performance.now())
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
      try {
        message = readClientMessage(frame)
        const handled = this.#handle(message)
        if (handled) await handled
      } catch (error) {
        const refusal = asPalimpsestError(error)
        if (isOfOneMessage(refusal)) this.#forbid(message, refusal)
        else this.#refuse(refusal, closeCodeOf(refusal), this.#documentOf(message))
      }
    }
    this.#handling = false
    if (this.#socket.isPaused) this.#socket.resume()
  }

  /** Which document a message is about, if any. */
  #documentOf(message: ClientMessage | null): DocumentId | undefined {
    if (message?.type === 'changes') return this.#byChannel.get(message.channel)?.room.id
    return message && 'documentId' in message ? message.documentId : undefined
  }

  #handle(message: ClientMessage): Promise<void> | undefined {
    if (this.#state.is === 'closed') return undefined
    if (message.type === 'join') return this.#join(message)
    if (this.#state.is !== 'joined') throw new PalimpsestError('invalid', `${message.type} before join`)
    switch (message.type) {
      case 'request':
      case 'sync':
        return this.#receiveSync(message)
      case 'changes':
        return this.#receiveChanges(message)
      case 'ephemeral':
        return this.#passOn(message)
      case 'parts':
        this.#parts.policy.declare(this.visitor, message.documentId, message)
        return undefined
      case 'leave':
        this.close(closeCodes.normal, 'left')
        return undefined
      case 'doc-unavailable':
      case 'remote-subscription-change':
      case 'remote-heads-changed':
        return undefined
    }
  }

  #join(message: Extract<ClientMessage, { type: 'join' }>): undefined {
    if (this.#state.is !== 'joining') throw new PalimpsestError('invalid', 'a second join')
    if (!message.supportedProtocolVersions.includes(protocolVersion))
      throw new PalimpsestError('invalid', 'no common version of the protocol')
    clearTimeout(this.#joinTimer)
    this.#state = { is: 'joined', peerId: message.senderId, isLive: message.peerMetadata.palimpsest?.live === liveVersion }
    const { peerId, store } = this.#parts
    const peerMetadata = { storageId: store.storageId, isEphemeral: false, palimpsest: { live: liveVersion } }
    this.#post({ type: 'peer', senderId: peerId, targetId: message.senderId, peerMetadata, selectedProtocolVersion: protocolVersion })
  }

  async #receiveSync(message: DocumentMessage): Promise<void> {
    const { documentId } = message
    const sync = readSyncMessage(message.data)
    const brings = sync.heads.length > 0 || sync.changes.length > 0
    if (this.#roleOf(documentId) === null && !(brings && this.#parts.policy.mayPut(this.visitor, documentId)))
      return this.#deny(documentId, undefined, message)
    if (sync.changes.length > 0 && !this.#mayWrite(documentId, sync.changes)) return
    const member = this.#memberOf(documentId)
    const before = member.room.graph.size
    await member.receiveSync(sync)
    if (member.room.graph.size > before) this.took(member)
    if (member.room.graph.size === 0 && message.type === 'request') this.#answerUnavailable(documentId)
  }

  #receiveChanges({ channel, changes, number }: Extract<ClientMessage, { type: 'changes' }>): Promise<void> | undefined {
    const member = this.#byChannel.get(channel)
    if (!member) throw new PalimpsestError('invalid', `changes on channel ${channel}, which is none of this client's`)
    this.#acknowledgements.expect(number)
    if (!this.#mayWrite(member.room.id, changes)) return undefined
    const taken = () => {
      this.#acknowledgements.received(number)
      this.took(member)
    }
    // A copy of each: as a part of its frame, a change that waits would keep all of the frame in memory.
    const taking = member.receiveChanges(changes.map((change) => change.slice()))
    if (taking) return taking.then(taken)
    taken()
    return undefined
  }

  /**
   * A client may only speak for itself; automerge-repo's clients also pass on what they hear, which everybody here has heard already. Whose presence it is
   * is for the relay to say.
   */
  #passOn(message: Extract<ClientMessage, { type: 'ephemeral' }>): undefined {
    if (this.#state.is !== 'joined' || message.senderId !== this.#state.peerId) return
    const { documentId } = message
    if (this.#roleOf(documentId) === null) return this.#deny(documentId)
    const { person } = this.visitor
    const { person: _, ...said } = message
    this.#parts.fanOut.publish(documentId, ephemeralNews(person === null ? said : { ...said, person }, this.#memberOf(documentId)))
  }

  /** While nobody has put a document here, whoever may put it is served as its owner: at their first change they are. */
  #roleOf(documentId: DocumentId): Role | null {
    const { policy } = this.#parts
    const role = policy.roleOf(this.visitor, documentId)
    if (role !== null || !this.#members.has(documentId)) return role
    return policy.mayPut(this.visitor, documentId) ? 'owner' : null
  }

  /** Without the right to read, a document is answered for as if it did not exist. */
  #deny(documentId: DocumentId, reason?: string, question?: DocumentMessage): undefined {
    if (this.#asked.size < maxAsked) this.#asked.add(documentId)
    if (reason && this.#isLive) this.#tellAccess(documentId, null, reason)
    else this.#answerUnavailable(documentId, question)
  }

  /** Clients with the live stream are told at once, and told when that changes. */
  #answerUnavailable(documentId: DocumentId, question?: DocumentMessage): void {
    if (this.#isLive) return this.#sayUnavailable(documentId)
    const isKept = question !== undefined && question.data.length <= maxQuestionBytes
    this.#late.wait(documentId, isKept ? () => this.#enqueue(Buffer.from(writeMessage(question)), true) : null)
  }

  /**
   * Whether changes are taken at the moment. Throws `not-allowed` for somebody with no right to, and `no-room`; a relay that cannot write ends the
   * connection.
   */
  #mayWrite(documentId: DocumentId, changes: readonly Uint8Array[]): boolean {
    const { policy, store } = this.#parts
    if (policy.mayPut(this.visitor, documentId)) policy.put(this.visitor, documentId)
    if (!policy.mayWrite(this.visitor, documentId)) throw new PalimpsestError('not-allowed', `no right to change ${documentId}`)
    policy.addBytes(
      documentId,
      changes.reduce((sum, { length }) => sum + length, 0),
    )
    if (store.healthy) return true
    this.#refuse(new PalimpsestError('disk-full', 'the relay cannot write at the moment'), closeCodes.tryLater)
    return false
  }

  /** Answers a message for which the person has no right or no room, or of which the document is damaged here. What came before and after it is not touched. */
  #forbid(message: ClientMessage | null, error: OneMessageRefused): void {
    if (this.#state.is !== 'joined') return
    const documentId = this.#documentOf(message)
    const number = message?.type === 'changes' ? message.number : undefined
    // The client knows of this one that it was not taken.
    if (number !== undefined) this.#acknowledgements.received(number)
    this.#parts.meter.messagesRefused += 1
    this.#parts.log.info({ person: this.visitor.person, document: documentId }, 'a message is refused')
    this.#post({
      type: 'error',
      ...this.#addressed(),
      message: error.message,
      code: error.code,
      ...(error.detail !== undefined && { reason: error.detail }),
      ...(documentId && { documentId }),
      ...(number !== undefined && { number }),
    })
    if (error.code === 'damaged-there' && documentId && !this.#isLive) this.#sayUnavailable(documentId)
  }

  #tellAccess(documentId: DocumentId, role: Role | null, reason?: string): void {
    if (this.#isLive && this.visitor.person !== null) this.#post({ type: 'access', documentId, role, ...(reason && { reason }) })
  }

  get #isLive(): boolean {
    return this.#state.is === 'joined' && this.#state.isLive
  }

  #sayUnavailable(documentId: DocumentId): void {
    this.#post({ type: 'doc-unavailable', ...this.#addressed(), documentId })
  }

  #memberOf(id: DocumentId): Member {
    const known = this.#members.get(id)
    if (known) return known
    const room = this.#parts.rooms.enter(id)
    this.#asked.delete(id)
    const role = this.#parts.policy.roleOf(this.visitor, id)
    if (role !== null) this.#tellAccess(id, role)
    const member = new Member(room, this, this.#isLive)
    this.#members.set(id, member)
    this.#byChannel.set(room.channel, member)
    this.#parts.fanOut.follow(id, member)
    return member
  }

  #drop(member: Member): void {
    const { id, channel } = member.room
    this.#members.delete(id)
    this.#byChannel.delete(channel)
    this.#acknowledgements.forget(member)
    this.#parts.fanOut.unfollow(id, member)
    this.#parts.rooms.leave(id)
  }

  #addressed() {
    return { senderId: this.#parts.peerId, targetId: this.#state.is === 'joined' ? this.#state.peerId : '?' }
  }

  #post(message: RelayMessage): void {
    this.#outgoing.own(writeMessage(message))
  }

  /** Nobody is at the other end any more. */
  #lose(): void {
    this.#parts.meter.closed.add(closeCodes.lost)
    this.#socket.terminate()
  }

  /** A close frame would wait behind everything else, so the socket is ended at once. */
  #cutOff(): void {
    this.#parts.log.info({ waiting: this.#outgoing.waiting }, 'a reader is too slow')
    this.#parts.meter.closed.add(closeCodes.slow)
    this.#leaveAll()
    this.#socket.close(closeCodes.slow, 'too slow')
    this.#socket.terminate()
  }

  #refuse(error: PalimpsestError, code: number = closeCodeOf(error), documentId?: DocumentId): void {
    if (this.#state.is === 'closed') return
    this.#parts.log.info({ code: error.code, reason: error.message }, 'a client is refused')
    this.#post({
      type: 'error',
      ...this.#addressed(),
      message: error.message,
      ...(documentId && error.code !== 'internal' && { documentId }),
    })
    this.close(code, error.message)
  }

  #failed({ code, message }: NodeJS.ErrnoException): void {
    this.#parts.log.info({ reason: message }, 'socket error')
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#parts.meter.closed.add(closeCodes.tooLarge)
  }

  #closed(code: number): void {
    this.#parts.log.info({ code }, 'a client is gone')
    this.#leaveAll()
  }

  #leaveAll(): void {
    this.#state = { is: 'closed' }
    clearTimeout(this.#joinTimer)
    this.#inbox.length = 0
    for (const member of [...this.#members.values()]) this.#drop(member)
    this.#asked.clear()
    this.#late.clear()
  }
}

/** One of the sync protocol. */
type DocumentMessage = Extract<ClientMessage, { type: 'sync' | 'request' }>

/** The connection goes on after it. */
type OneMessageRefused = PalimpsestError & { code: 'not-allowed' | 'no-room' | 'damaged-there' }
const isOfOneMessage = (error: PalimpsestError): error is OneMessageRefused =>
  error.code === 'not-allowed' || error.code === 'no-room' || error.code === 'damaged-there'

function closeCodeOf({ code }: PalimpsestError): number {
  if (code === 'refused') return closeCodes.poison
  if (code === 'internal') return closeCodes.goingAway
  return closeCodes.malformed
}
