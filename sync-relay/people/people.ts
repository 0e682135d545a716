/**
 * The people of a relay: who they are, how they were let in, and the tickets with which they are recognised.
 *
 * A person is their key. One of their devices proves itself by signing a nonce that is good for one minute and one attempt; for that it gets a ticket, which is
 * kept as a hash, lasts a day, and can be made to last longer for thirty. Whoever is not known yet brings an invite, or the link to a document.
 */
import { randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { DeviceKey, PersonKey } from '../../core/ids.ts'
import type { Face, RelayPerson, Standing } from '../../core/protocol/relay-api.ts'
import { challengeText } from '../../core/protocol/sign-in.ts'
import { type Actor, type Audit, theRelay } from './audit.ts'
import { ApiRefusal } from './api-refusal.ts'
import { durably } from './people-file.ts'
import { hashOf, isSignedBy, newSecret } from './secrets.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

const challengeMs = minuteMs
const ticketMs = dayMs
const longestTicketMs = 30 * dayMs
/** Nonces that wait for their signature; whoever asks for more pushes the oldest out. */
const maxChallenges = 10_000

/** Said to somebody who is removed. */
export const removedWords = 'You were removed from this relay.'

/** A ticket that was shown and is good. */
export interface Ticket {
  readonly person: PersonKey
  /** The device that signed in. */
  readonly device: DeviceKey
  /** Tells tickets apart; not the ticket itself. */
  readonly id: string
}

/** One ticket, all of a device, or all of a person. */
export type EndedTickets = { person: PersonKey; reason: string } & ({ ticket: string } | { device: DeviceKey } | { all: true })

interface Invite {
  id: number
  standing: Standing
  uses_left: number
  expires_at: number
  revoked_at: number | null
}

export class People {
  readonly #db: Database.Database
  readonly #audit: Audit
  readonly #now: () => number
  readonly #sql
  readonly #challenges = new Map<string, { key: DeviceKey; until: number }>()
  /** Told when tickets are no longer good. */
  onEnded: (tickets: EndedTickets) => void = () => {}

  constructor(db: Database.Database, audit: Audit, now: () => number) {
    this.#db = db
    this.#audit = audit
    this.#now = now
    this.#sql = statements(db)
  }

  /** A nonce for this device to sign. */
  challenge(key: DeviceKey): string {
    const now = this.#now()
    for (const [nonce, { until }] of this.#challenges) {
      if (until > now && this.#challenges.size < maxChallenges) break
      this.#challenges.delete(nonce)
    }
    const nonce = randomBytes(32).toString('hex')
    this.#challenges.set(nonce, { key, until: now + challengeMs })
    return nonce
  }

  /** Takes the signature under a nonce, once. `host` is how this relay was addressed. Throws `signed-out`. */
  prove({ key, nonce, signature }: { key: DeviceKey; nonce: string; signature: string }, host: string): void {
    const challenge = this.#challenges.get(nonce)
    this.#challenges.delete(nonce)
    const isCurrent = challenge?.key === key && challenge.until > this.#now()
    if (!isCurrent) throw new ApiRefusal('signed-out', 'the challenge is not of this relay, was answered before, or is too old')
    if (!isSignedBy(key, challengeText({ host, nonce, key }), signature))
      throw new ApiRefusal('signed-out', `the signature is not that of this key for ${host}`)
  }

  /** The person, or null for one who is not known here, or no longer. */
  find(key: PersonKey): RelayPerson | null {
    const row = this.#sql.person.get(key)
    if (!row || row.removed_at !== null) return null
    const { removed_at: _, ...person } = row
    return person
  }

  isRemoved = (key: PersonKey): boolean => this.#sql.person.get(key)?.removed_at != null

  face(key: PersonKey): Face {
    const { name = '', color = null, picture = null } = this.#sql.person.get(key) ?? {}
    return { key, name, color, picture }
  }

  list(): RelayPerson[] {
    return this.#sql.people.all()
  }

  /** Uses an invite up by one and makes the person, or raises the standing of one who has a lower one. */
  admit(key: PersonKey, secret: string, profile: { name: string; color: number | null }, actor: Actor): void {
    durably(this.#db, () => {
      const invite = this.#sql.invite.get(hashOf(secret))
      if (!invite || invite.revoked_at !== null)
        throw new ApiRefusal('invite-unknown', 'this relay has made no such invite, or has taken it back')
      if (invite.uses_left < 1) throw new ApiRefusal('invite-used', 'the invite has been used already')
      if (invite.expires_at <= this.#now()) throw new ApiRefusal('invite-expired', 'the invite is too old')
      this.#sql.useInvite.run(invite.id)
      this.#make(key, invite.standing, profile)
      this.#audit.note(actor, 'person.join', { person: key, invite: invite.id, standing: invite.standing })
    })
  }

  /** Makes a guest: somebody who was let in by the link to a document. */
  admitGuest(key: PersonKey, profile: { name: string; color: number | null }, actor: Actor): void {
    this.#make(key, 'guest', profile)
    this.#audit.note(actor, 'person.join', { person: key, standing: 'guest' })
  }

  update(key: PersonKey, change: Partial<Omit<Face, 'key'>>): RelayPerson {
    const person = this.find(key)
    if (!person) throw new ApiRefusal('signed-out', 'the person is not known here')
    const { name, color, picture } = { ...person, ...change }
    this.#sql.describe.run(name, color, picture, key)
    return { ...person, name, color, picture }
  }

  /**
   * Takes a person off the relay, with every role that they were given and every invite that they made, by which they could let themselves in again. What they own stays theirs, for
   * when they come back. The last owner cannot go.
   */
  remove(key: PersonKey, actor: Actor): void {
    const person = this.find(key)
    if (!person) throw new ApiRefusal('not-found', 'there is no such person here')
    const owners = this.list().filter(({ standing }) => standing === 'owner')
    if (person.standing === 'owner' && owners.length < 2) throw new ApiRefusal('not-allowed', 'the relay’s only owner cannot be removed')
    durably(this.#db, () => {
      this.#sql.remove.run(this.#now(), key)
      this.#sql.dropTickets.run(key)
      this.#sql.revokeInvitesOf.run(this.#now(), key)
      this.#sql.dropGrants.run(key)
      this.#sql.dropLinkGrants.run(key)
      this.#sql.dropFolderGrants.run(key)
      this.#audit.note(actor, 'person.remove', { person: key })
    })
    this.onEnded({ person: key, all: true, reason: removedWords })
  }

  /** Invites owners to a relay that has none; null where it has one. An invite made so before is no longer good. */
  ownersInvite(): string | null {
    if (this.list().some(({ standing }) => standing === 'owner')) return null
    this.#sql.revokeRelaysInvites.run(this.#now())
    return this.invite({ standing: 'owner', uses: 1, expiresAt: this.#now() + 30 * dayMs }, theRelay).secret
  }

  invite({ standing, uses, expiresAt }: { standing: Standing; uses: number; expiresAt: number }, actor: Actor) {
    const secret = newSecret()
    const id = durably(this.#db, () => {
      const made = Number(this.#sql.addInvite.run(hashOf(secret), standing, uses, expiresAt, actor.person).lastInsertRowid)
      this.#audit.note(actor, 'invite.create', { invite: made, standing, uses, expiresAt })
      return made
    })
    return { id, secret }
  }

  revokeInvite(id: number, actor: Actor): void {
    durably(this.#db, () => {
      this.#sql.revokeInvite.run(this.#now(), id)
      this.#audit.note(actor, 'invite.revoke', { invite: id })
    })
  }

  /** A ticket for a person, of whom a device has proved itself. */
  issue(person: PersonKey, device: DeviceKey): { ticket: string; expiresAt: number } {
    const now = this.#now()
    this.#sql.dropOldTickets.run(now)
    const ticket = newSecret(24)
    this.#sql.addTicket.run(hashOf(ticket), person, device, now + ticketMs, now + longestTicketMs)
    return { ticket, expiresAt: now + ticketMs }
  }

  /** Whose ticket it is; null when it is none, or no longer. */
  recognise(ticket: string): Ticket | null {
    const hash = hashOf(ticket)
    const row = this.#sql.ticket.get(hash, this.#now())
    return row ? { ...row, id: hash.toString('hex') } : null
  }

  /** Whether the ticket with this id is still good. */
  isGood = (id: string): boolean => this.#sql.ticket.get(Buffer.from(id, 'hex'), this.#now()) !== undefined

  renew(ticket: Ticket): number {
    const expiresAt = this.#now() + ticketMs
    return this.#sql.renew.get(expiresAt, Buffer.from(ticket.id, 'hex'))?.expires_at ?? 0
  }

  signOut(ticket: Ticket): void {
    this.#sql.dropTicket.run(Buffer.from(ticket.id, 'hex'))
    this.onEnded({ person: ticket.person, ticket: ticket.id, reason: 'You signed out.' })
  }

  /** Ends what a device has that was removed. */
  signOutDevice(person: PersonKey, device: DeviceKey): void {
    this.#sql.dropTicketsOfDevice.run(person, device)
    this.onEnded({ person, device, reason: 'This device was removed by another one of yours.' })
  }

  #make(key: PersonKey, standing: Standing, { name, color }: { name: string; color: number | null }): void {
    this.#sql.add.run({ key, name, color, standing, now: this.#now() })
  }
}

function statements(db: Database.Database) {
  const columns = 'key, name, color, picture, standing'
  return {
    person: db.prepare<[string], RelayPerson & { removed_at: number | null }>(`select ${columns}, removed_at from people where key = ?`),
    people: db.prepare<[], RelayPerson>(`select ${columns} from people where removed_at is null order by joined_at, key`),
    // Whoever comes back keeps their picture; whoever has a standing keeps it when the new one is lower.
    add: db.prepare<{ key: string; name: string; color: number | null; standing: Standing; now: number }>(`
      insert into people values (:key, :name, :color, null, :standing, :now, null)
      on conflict (key) do update set
        name = :name, color = :color, removed_at = null,
        standing = case
          when removed_at is null and (standing = 'owner' or (standing = 'member' and :standing = 'guest')) then standing
          else :standing end`),
    describe: db.prepare<[string, number | null, string | null, string]>(
      'update people set name = ?, color = ?, picture = ? where key = ?',
    ),
    remove: db.prepare<[number, string]>('update people set removed_at = ? where key = ?'),
    invite: db.prepare<[Buffer], Invite>('select * from invites where secret = ?'),
    useInvite: db.prepare<[number]>('update invites set uses_left = uses_left - 1 where id = ?'),
    addInvite: db.prepare<[Buffer, string, number, number, string | null]>(
      'insert into invites (secret, standing, uses_left, expires_at, made_by) values (?, ?, ?, ?, ?)',
    ),
    revokeInvite: db.prepare<[number, number]>('update invites set revoked_at = ? where id = ? and revoked_at is null'),
    revokeRelaysInvites: db.prepare<[number]>(
      "update invites set revoked_at = ? where made_by is null and standing = 'owner' and revoked_at is null",
    ),
    revokeInvitesOf: db.prepare<[number, string]>('update invites set revoked_at = ? where made_by = ? and revoked_at is null'),
    addTicket: db.prepare<[Buffer, string, string, number, number]>('insert into tickets values (?, ?, ?, ?, ?)'),
    // A power cut may take the end of a device's tickets, but not its removal.
    ticket: db.prepare<[Buffer, number], { person: PersonKey; device: DeviceKey }>(`
      select t.person, t.device from tickets t join devices d on d.person = t.person and d.key = t.device
      where t.hash = ? and t.expires_at > ? and d.removed_at is null`),
    renew: db.prepare<[number, Buffer], { expires_at: number }>(
      'update tickets set expires_at = min(?, ends_at) where hash = ? returning expires_at',
    ),
    dropTicket: db.prepare<[Buffer]>('delete from tickets where hash = ?'),
    dropGrants: db.prepare<[string]>('delete from grants where person = ?'),
    dropLinkGrants: db.prepare<[string]>('delete from link_grants where person = ?'),
    dropFolderGrants: db.prepare<[string]>('delete from folder_grants where person = ?'),
    dropTickets: db.prepare<[string]>('delete from tickets where person = ?'),
    dropTicketsOfDevice: db.prepare<[string, string]>('delete from tickets where person = ? and device = ?'),
    dropOldTickets: db.prepare<[number]>('delete from tickets where expires_at <= ?'),
  }
}
