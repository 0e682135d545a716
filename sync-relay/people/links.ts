/** Links that give a role to whoever has them: known by the hash of their secret, some with a password, some with an end. */
import type Database from 'better-sqlite3'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import type { RelayParams } from '../../core/protocol/relay-api.ts'
import { ApiRefusal } from './api-refusal.ts'
import type { Actor, Audit } from './audit.ts'
import { durably } from './people-file.ts'
import type { GrantedRole, Rights } from './rights.ts'
import { hashOf, hashPassword, isPassword } from './secrets.ts'

interface Link {
  id: number
  document: DocumentId
  role: GrantedRole
  salt: string
  password: string | null
  expires_at: number | null
  made_by: PersonKey
  made_at: number
  revoked_at: number | null
}

/** Wrong passwords for one link before nobody may try for a while. */
const maxGuesses = 10
const guessingPauseMs = 15 * 60_000

export class Links {
  readonly #db: Database.Database
  readonly #rights: Rights
  readonly #audit: Audit
  readonly #now: () => number
  readonly #sql
  readonly #guesses = new Map<number, { count: number; until: number }>()

  constructor(db: Database.Database, rights: Rights, audit: Audit, now: () => number) {
    this.#db = db
    this.#rights = rights
    this.#audit = audit
    this.#now = now
    this.#sql = statements(db)
  }

  /** Makes a link; one with the same secret that is still good is left as it is. */
  async create(by: Actor & { person: PersonKey }, params: RelayParams<'link.create'>): Promise<number> {
    const { documentId: document, secret, salt, role, expiresAt = null } = params
    this.#rights.requireOwner(by.person, document)
    const known = this.#sql.link.get(document, hashOf(secret))
    if (known) {
      if (known.revoked_at === null) return known.id
      throw new ApiRefusal('not-allowed', 'this link was taken back; make a new one')
    }
    const password = params.password === undefined ? null : await hashPassword(params.password)
    // Whoever handed the document over meanwhile makes no link to it.
    this.#rights.requireOwner(by.person, document)
    return durably(this.#db, () => {
      const now = this.#now()
      const { lastInsertRowid } = this.#sql.add.run({
        document,
        secret: hashOf(secret),
        salt,
        role,
        password,
        expiresAt,
        by: by.person,
        now,
      })
      this.#audit.note(by, 'link.create', { document, role, link: Number(lastInsertRowid), hasPassword: password !== null, expiresAt })
      return Number(lastInsertRowid)
    })
  }

  revoke(by: Actor & { person: PersonKey }, document: DocumentId, id: number): void {
    this.#rights.requireOwner(by.person, document)
    this.#rights.endLink(document, id, 'The link that you came by was taken back.', () => {
      if (this.#sql.revoke.run(this.#now(), id, document).changes === 0) throw new ApiRefusal('not-found', 'there is no such link')
      this.#audit.note(by, 'link.revoke', { document, link: id })
    })
  }

  /** The link that a secret opens. Throws `link-unknown`, `link-expired`, `password-needed`, `password-wrong` or `too-many`. */
  async open({ documentId, secret, password }: RelayParams<'link.use'>): Promise<Link> {
    const link = this.#good(documentId, secret)
    if (link.password === null) return link
    await this.#check(link.id, link.password, password)
    // It may have been taken back while the password was looked at.
    return this.#good(documentId, secret)
  }

  list(document: DocumentId): Link[] {
    return this.#sql.links.all(document)
  }

  /** Ends what has come to its end. */
  expire(): void {
    for (const { id, document } of this.#sql.expired.all(this.#now()))
      this.#rights.endLink(document, id, 'The link that you came by has come to its end.', () => this.#sql.end.run(id))
  }

  #good(document: DocumentId, secret: string): Link {
    const link = this.#sql.link.get(document, hashOf(secret))
    if (!link) throw new ApiRefusal('link-unknown', 'there is no such link')
    if (link.expires_at !== null && link.expires_at <= this.#now()) throw new ApiRefusal('link-expired', 'the link is too old')
    if (link.revoked_at !== null) throw new ApiRefusal('link-unknown', 'the link was taken back')
    return link
  }

  async #check(id: number, kept: string, given: string | undefined): Promise<void> {
    if (given === undefined) throw new ApiRefusal('password-needed', 'the link has a password')
    const now = this.#now()
    const before = this.#guesses.get(id)
    const guesses = before && before.until > now ? before : { count: 0, until: now + guessingPauseMs }
    if (guesses.count >= maxGuesses) throw new ApiRefusal('too-many', 'too many wrong passwords; try again in a quarter of an hour')
    this.#guesses.set(id, { ...guesses, count: guesses.count + 1 })
    if (!(await isPassword(given, kept))) throw new ApiRefusal('password-wrong', 'the password is wrong')
    this.#guesses.delete(id)
  }
}

function statements(db: Database.Database) {
  return {
    link: db.prepare<[string, Buffer], Link>('select * from links where document = ? and secret = ?'),
    links: db.prepare<[string], Link>('select * from links where document = ? and revoked_at is null order by id'),
    add: db.prepare<{
      document: string
      secret: Buffer
      salt: string
      role: string
      password: string | null
      expiresAt: number | null
      by: string
      now: number
    }>(`
      insert into links (document, secret, salt, role, password, expires_at, made_by, made_at)
      values (:document, :secret, :salt, :role, :password, :expiresAt, :by, :now)`),
    revoke: db.prepare<[number, number, string]>('update links set revoked_at = ? where id = ? and document = ? and revoked_at is null'),
    expired: db.prepare<[number], { id: number; document: DocumentId }>(
      'select id, document from links where expires_at <= ? and revoked_at is null',
    ),
    end: db.prepare<[number]>('update links set revoked_at = expires_at where id = ?'),
  }
}
