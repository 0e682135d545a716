/**
 * Who may do what with which document.
 *
 * A document belongs to the person who first put it here; others have a role in it by an owner's grant, once they have accepted it, or by a link, for as long
 * as the link is good, or by a folder that the owner shares (`folders.ts`). The margin and the attachments of a text (its parts) have no rights of their own: whoever may read the text may read them,
 * and where the text has the same owner, may write in them by their role there. A text of somebody else can show a part too, and gives no more than that.
 * Whether a role may write is for `core/roles.ts` to say. Asked for every message, so the answers are kept in memory.
 */
import type Database from 'better-sqlite3'
import type { Role } from '../../core/contract/engine.ts'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import type { Standing } from '../../core/protocol/relay-api.ts'
import { type DocumentKind, mayWriteTo, strongest } from '../../core/roles.ts'
import { ApiRefusal } from './api-refusal.ts'
import type { Actor, Audit } from './audit.ts'
import type { Feed } from './feed.ts'
import { durably } from './people-file.ts'

export type GrantedRole = Exclude<Role, 'owner'>

/** What is declared of a text: the documents that go with it. */
export interface Parts {
  margin: DocumentId | null
  attachments: readonly DocumentId[]
}

/** A link that somebody opened. */
interface UsedLink {
  document: DocumentId
  role: GrantedRole
  id: number
  made_at: number
}

interface Whole {
  whole: DocumentId
  kind: Exclude<DocumentKind, 'text'>
}

interface Known {
  owner: PersonKey | null
  people: Map<PersonKey, GrantedRole>
  /** The texts that it is part of. */
  wholes: Whole[]
}

/** What became different: `person` is null when it may concern anybody. */
export interface RightsChange {
  document: DocumentId
  person: PersonKey | null
  /** A sentence for those who lost something by it. */
  reason: string
}

/** Beyond this everything is read again as it is asked for. */
const maxKnown = 50_000

export class Rights {
  readonly #db: Database.Database
  readonly #audit: Audit
  readonly #feed: Feed
  readonly #now: () => number
  readonly #sql
  readonly #known = new Map<DocumentId, Known>()
  onChanged: (change: RightsChange) => void = () => {}
  /** Asked before parts of a text become documents of its owner. Throws where that is too many. */
  requireRoom: (owner: PersonKey, documents: number) => void = () => {}

  constructor(db: Database.Database, audit: Audit, feed: Feed, now: () => number) {
    this.#db = db
    this.#audit = audit
    this.#feed = feed
    this.#now = now
    this.#sql = statements(db)
  }

  /** Null for somebody who may not even know that the document is here. */
  roleOf(person: PersonKey, document: DocumentId): Role | null {
    const { owner, people, wholes } = this.#read(document)
    if (wholes.length > 0) return strongest(wholes.map(({ whole }) => this.#roleInPart(person, owner, whole)))
    return owner === person ? 'owner' : (people.get(person) ?? null)
  }

  mayWrite(person: PersonKey, document: DocumentId): boolean {
    const { owner, wholes } = this.#read(document)
    if (wholes.length > 0) return wholes.some(({ whole, kind }) => mayWriteTo(kind, this.#roleInPart(person, owner, whole)))
    return mayWriteTo('text', this.roleOf(person, document))
  }

  /** Whether the person may bring changes that others have made. They are noted as carried. */
  mayCarry = (person: PersonKey, document: DocumentId): boolean => this.roleOf(person, document) === 'owner'

  /** Whether somebody has put the document here. */
  isPut = (document: DocumentId): boolean => this.#read(document).owner !== null

  ownerOf = (document: DocumentId): PersonKey | null => this.#read(document).owner

  /** Whether it is a document with roles of its own, not a part of one. */
  isText = (document: DocumentId): boolean => this.#read(document).wholes.length === 0

  /** The texts that have this document as their margin. Asked for every change. */
  textsOfMargin = (document: DocumentId): DocumentId[] =>
    this.#read(document).wholes.flatMap(({ whole, kind }) => (kind === 'margin' ? whole : []))

  /** Everybody who may read a text. */
  readers(text: DocumentId): PersonKey[] {
    const { owner, people } = this.#read(text)
    return owner === null ? [...people.keys()] : [owner, ...people.keys()]
  }

  /** The documents that are a person's. */
  ownedBy = (person: PersonKey): DocumentId[] => this.#sql.ownedBy.all(person).map(({ id }) => id)

  /** Makes a person the owner of a document that nobody has put here. */
  put(person: PersonKey, document: DocumentId, actor: Actor): void {
    if (this.#sql.put.run(document, person, this.#now()).changes === 0) return
    this.#audit.note(actor, 'document.put', { document, owner: person })
    this.#changed({ document, person: null, reason: '' })
  }

  /**
   * Takes what a person who may write in a text says of its parts. What is not here yet is put here in the name of the text's owner; what is here
   * must be the person's to give, and becomes the text's owner's. A margin is declared once, and replaced by the owner only. What is not allowed is left out.
   */
  declare(person: PersonKey, text: DocumentId, { margin, attachments }: Parts, actor: Actor): void {
    const { owner } = this.#read(text)
    if (owner === null || this.#read(text).wholes.length > 0 || !this.mayWrite(person, text)) return
    const declared = this.#sql.parts.all(text)
    const before = declared.find(({ kind }) => kind === 'margin')?.part ?? null
    const isNew = (part: DocumentId) => part !== text && !declared.some((each) => each.part === part) && this.#mayGive(person, part)
    const fresh: { part: DocumentId; kind: Whole['kind'] }[] = attachments.filter(isNew).map((part) => ({ part, kind: 'attachment' }))
    if (margin !== null && margin !== before && isNew(margin) && (before === null || owner === person))
      fresh.push({ part: margin, kind: 'margin' })
    if (fresh.length === 0) return
    this.requireRoom(owner, fresh.filter(({ part }) => !this.isPut(part)).length)
    this.#db.transaction(() => {
      for (const { part, kind } of fresh) {
        if (kind === 'margin' && before !== null) this.#sql.dropPart.run(before, text)
        this.#sql.put.run(part, owner, this.#now())
        if (this.isText(part)) this.#sql.setOwner.run(owner, part)
        this.#sql.addPart.run(part, text, kind)
      }
      this.#audit.note(actor, 'document.parts', { document: text, parts: fresh })
    })()
    for (const part of before === null ? fresh.map((each) => each.part) : [before, ...fresh.map((each) => each.part)])
      this.#changed({ document: part, person: null, reason: 'The document is no longer part of that text.' })
  }

  /** Invites a person, or changes the role of one who has one. */
  grant(by: Actor & { person: PersonKey }, document: DocumentId, person: PersonKey, role: GrantedRole): void {
    this.requireOwner(by.person, document)
    if (person === this.#read(document).owner) throw new ApiRefusal('not-allowed', 'the owner’s role changes by a transfer only')
    durably(this.#db, () => {
      // Who has a role already, as by a folder, need not accept another one, and cannot keep it by not answering.
      const accepted = this.roleOf(person, document) === null ? null : this.#now()
      this.#sql.grant.run({ document, person, role, by: by.person, now: this.#now(), accepted })
      // A role that was given by name no longer hangs on a link.
      this.#sql.leaveLinks.run(document, person)
      this.#sql.forgetRevoked.run(document, person)
      this.#audit.note(by, 'document.grant', { document, person, role })
      this.#feed.add(person, { kind: this.isOffered(person, document) ? 'invited' : 'role', document, role, from: by.person })
    })
    this.#changed({ document, person, reason: 'Your role in this document was changed.' })
  }

  /**
   * The person takes the role that a link gives, beside what they have by name; a stronger one that they have stays. Throws `link-unknown` for somebody whose role was taken back after
   * the link was made.
   */
  grantByLink(actor: Actor, person: PersonKey, { document, role, id, made_at: madeAt }: UsedLink): Role {
    const present = this.roleOf(person, document)
    if (present !== null && strongest([present, role]) === present) return present
    const revokedAt = this.#sql.revokedAt.get(document, person)?.at
    if (revokedAt !== undefined && madeAt <= revokedAt) throw new ApiRefusal('link-unknown', 'the link is not for this person any more')
    durably(this.#db, () => {
      this.#sql.useLink.run(id, person, this.#now())
      this.#audit.note(actor, 'link.use', { document, person, role, link: id })
    })
    this.#changed({ document, person, reason: '' })
    return role
  }

  /** By an owner, or by the person for themselves. */
  revoke(by: Actor & { person: PersonKey }, document: DocumentId, person: PersonKey): void {
    if (by.person !== person) this.requireOwner(by.person, document)
    if (person === this.#read(document).owner) throw new ApiRefusal('not-allowed', 'a document has an owner; hand it over first')
    const reason = by.person === person ? 'You left this document.' : 'The owner no longer shares this document with you.'
    durably(this.#db, () => {
      if (this.#sql.revoke.run(document, person).changes + this.#sql.leaveLinks.run(document, person).changes === 0)
        throw new ApiRefusal('not-found', 'the person has no role in this document')
      this.#audit.note(by, 'document.revoke', { document, person })
      if (by.person !== person) {
        this.#sql.noteRevoked.run(document, person, this.#now())
        this.#feed.add(person, { kind: 'removed', document, reason })
      }
    })
    this.#changed({ document, person, reason })
  }

  /** Makes somebody who has a role the owner; the owner until now becomes an editor. */
  transfer(by: Actor & { person: PersonKey }, document: DocumentId, person: PersonKey): void {
    this.requireOwner(by.person, document)
    if (!this.#read(document).people.has(person))
      throw new ApiRefusal('not-found', 'only somebody who has a role in the document can become its owner')
    durably(this.#db, () => {
      this.#sql.revoke.run(document, person)
      this.#sql.leaveLinks.run(document, person)
      this.#sql.setOwner.run(person, document)
      this.#sql.handOverParts.run({ text: document, from: by.person, to: person })
      this.#sql.grant.run({ document, person: by.person, role: 'editor', by: person, now: this.#now(), accepted: this.#now() })
      this.#audit.note(by, 'document.transfer', { document, person })
      this.#feed.add(person, { kind: 'role', document, role: 'owner', from: by.person })
    })
    this.#changed({ document, person: null, reason: 'The document has another owner.' })
  }

  /** Roles that were offered to a person who has not answered. */
  invitations(person: PersonKey) {
    return this.#sql.invitations.all(person)
  }

  /** Whether a role in it was offered to a person who has not answered. */
  isOffered = (person: PersonKey, document: DocumentId): boolean => this.#sql.offered.get(document, person) !== undefined

  answer(actor: Actor & { person: PersonKey }, document: DocumentId, accept: boolean): void {
    durably(this.#db, () => {
      const { changes } = accept ? this.#sql.accept.run(this.#now(), document, actor.person) : this.#sql.decline.run(document, actor.person)
      if (changes === 0) throw new ApiRefusal('not-found', 'there is no such invitation')
      this.#audit.note(actor, 'invitation.answer', { document, accept })
    })
    this.#changed({ document, person: actor.person, reason: '' })
  }

  /** Everybody who has a role or was offered one, the owner first. `folder` is the name of the one that a role comes from alone. */
  collaborators(document: DocumentId): { key: PersonKey; role: Role; accepted: boolean; folder: string | null }[] {
    const { owner, people } = this.#read(document)
    const seen = new Set<PersonKey>()
    const granted = this.#sql.granted
      .all(document)
      // Somebody who came by several links, or by one and by name, stands here once.
      .filter(({ person }) => !seen.has(person) && seen.add(person))
      .map(({ person, role, accepted_at }) => ({ key: person, role, accepted: accepted_at !== null, folder: null }))
    const names = new Map(this.#sql.byFolder.all(document).map(({ person, name }) => [person, name]))
    const inherited = [...names].filter(([person]) => !seen.has(person) && person !== owner)
    const all = [
      ...granted.map((each) => ({ ...each, role: people.get(each.key) ?? each.role })),
      ...inherited.map(([key, folder]) => ({ key, role: people.get(key) as Role, accepted: true, folder })),
    ]
    return owner === null ? all : [{ key: owner, role: 'owner', accepted: true, folder: null }, ...all]
  }

  /** Reads everything again as it is asked for. */
  forget(): void {
    this.#known.clear()
  }

  /** Those with whom a person shares a document, or a folder. */
  sharesWith = (person: PersonKey, other: PersonKey): boolean =>
    this.#sql.shared.get({ person, other }) !== undefined || this.#sql.sharesFolder.get({ person, other }) !== undefined

  requireOwner(person: PersonKey, document: DocumentId): void {
    const role = this.roleOf(person, document)
    // To somebody with no role it must look as if there were no such document.
    if (role === null || this.#read(document).wholes.length > 0) throw new ApiRefusal('not-found', 'there is no such document here')
    if (role !== 'owner') throw new ApiRefusal('not-allowed', 'only the owner of the document may do this')
  }

  /** Ends a link by `end`, and in the same transaction what was granted by it. Who has no other role is told. */
  endLink(document: DocumentId, link: number, reason: string, end: () => void): void {
    const people = this.#sql.byLink.all(link)
    durably(this.#db, () => {
      end()
      this.#sql.revokeByLink.run(link)
      const left = this.#peopleOf(document)
      for (const { person } of people) if (!left.has(person)) this.#feed.add(person, { kind: 'removed', document, reason })
    })
    for (const { person } of people) this.#changed({ document, person, reason })
  }

  #roleInText(person: PersonKey, text: DocumentId): Role | null {
    const { owner, people } = this.#read(text)
    return owner === person ? 'owner' : (people.get(person) ?? null)
  }

  /** What a text gives in one of its parts: no more than reading where the part is somebody else's. */
  #roleInPart(person: PersonKey, owner: PersonKey | null, text: DocumentId): Role | null {
    const role = this.#roleInText(person, text)
    return role === null || this.ownerOf(text) === owner ? role : 'viewer'
  }

  /**
   * Whether a person may make a document part of a text: nobody's yet, their own, or an attachment that they could change anyway. Never one that is a text itself: the
   * names of parts stand in a text, where any editor may have written them, and what is part of a text has no roles of its own any more.
   */
  #mayGive(person: PersonKey, part: DocumentId): boolean {
    const { owner, wholes } = this.#read(part)
    if (owner === null) return true
    if (wholes.length === 0) return owner === person && this.#sql.isUsed.get({ document: part }) === undefined
    return wholes.every(({ kind }) => kind === 'attachment') && this.mayWrite(person, part)
  }

  #read(document: DocumentId): Known {
    const known = this.#known.get(document)
    if (known) return known
    const read: Known = {
      owner: this.#sql.owner.get(document)?.owner ?? null,
      people: this.#peopleOf(document),
      wholes: this.#sql.wholes.all(document),
    }
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(document, read)
    return read
  }

  /** A role that was given by name in the document wins over that of a folder; one by a link adds to it. */
  #peopleOf(document: DocumentId): Map<PersonKey, GrantedRole> {
    const people = new Map<PersonKey, GrantedRole>()
    const add = (person: PersonKey, role: GrantedRole) => people.set(person, strongest([people.get(person) ?? null, role]) as GrantedRole)
    for (const { person, role } of this.#sql.byFolder.all(document)) add(person, role)
    for (const { person, role, link, accepted_at } of this.#sql.granted.all(document)) {
      if (accepted_at === null) continue
      if (link === null) people.set(person, role)
      else add(person, role)
    }
    return people
  }

  /** What was said of these documents is no longer so, for one person or for anybody. */
  changed(documents: readonly DocumentId[], person: PersonKey | null, reason: string): void {
    for (const document of documents) this.#changed({ document, person, reason })
  }

  #changed(change: RightsChange): void {
    for (const { part } of [{ part: change.document }, ...this.#sql.parts.all(change.document)]) {
      this.#known.delete(part)
      this.onChanged({ ...change, document: part })
    }
  }
}

/** Who may put documents on a relay of which they are. */
export const mayPut = (standing: Standing | null): boolean => standing === 'owner' || standing === 'member'

function statements(db: Database.Database) {
  return {
    owner: db.prepare<[string], { owner: PersonKey }>('select owner from documents where id = ?'),
    ownedBy: db.prepare<[string], { id: DocumentId }>('select id from documents where owner = ?'),
    put: db.prepare<[string, string, number]>('insert or ignore into documents values (?, ?, ?)'),
    setOwner: db.prepare<[string, string]>('update documents set owner = ? where id = ?'),
    handOverParts: db.prepare<{ text: string; from: string; to: string }>(`
      update documents set owner = :to where owner = :from and id in (select part from parts where whole = :text) and not exists (
        select 1 from parts p join documents w on w.id = p.whole where p.part = documents.id and p.whole <> :text and w.owner = :from)`),
    // What was accepted first, and of that what was given by name.
    granted: db.prepare<[string], { person: PersonKey; role: GrantedRole; accepted_at: number | null; link: number | null }>(
      'select person, role, accepted_at, link from granted where document = ? order by accepted_at is null, link is not null, granted_at, person',
    ),
    isUsed: db.prepare<{ document: string }, { one: number }>(`
      select 1 as one where exists (select 1 from parts where whole = :document) or exists (select 1 from grants where document = :document)
        or exists (select 1 from links where document = :document) or exists (select 1 from folder_documents where document = :document)`),
    // What is in a folder and has another owner is not the folder's to give.
    byFolder: db.prepare<[string], { person: PersonKey; role: GrantedRole; name: string }>(`
      select g.person, g.role, f.name from folder_documents fd
      join folders f on f.id = fd.folder join documents d on d.id = fd.document and d.owner = f.owner
      join folder_grants g on g.folder = f.id and g.accepted_at is not null
      where fd.document = ? order by f.shared_at, f.id`),
    // Whoever has accepted once need not do so again.
    grant: db.prepare<{
      document: string
      person: string
      role: string
      by: string
      now: number
      accepted: number | null
    }>(`
      insert into grants values (:document, :person, :role, :by, :now, :accepted, null)
      on conflict (document, person) do update set
        role = :role, granted_by = :by, granted_at = :now, accepted_at = coalesce(accepted_at, :accepted)`),
    revoke: db.prepare<[string, string]>('delete from grants where document = ? and person = ?'),
    revokedAt: db.prepare<[string, string], { at: number }>('select at from revoked where document = ? and person = ?'),
    noteRevoked: db.prepare<[string, string, number]>('insert or replace into revoked values (?, ?, ?)'),
    forgetRevoked: db.prepare<[string, string]>('delete from revoked where document = ? and person = ?'),
    useLink: db.prepare<[number, string, number]>('insert or ignore into link_grants values (?, ?, ?)'),
    byLink: db.prepare<[number], { person: PersonKey }>('select person from link_grants where link = ?'),
    revokeByLink: db.prepare<[number]>('delete from link_grants where link = ?'),
    leaveLinks: db.prepare<[string, string]>(
      'delete from link_grants where link in (select id from links where document = ?) and person = ?',
    ),
    accept: db.prepare<[number, string, string]>(
      'update grants set accepted_at = ? where document = ? and person = ? and accepted_at is null',
    ),
    decline: db.prepare<[string, string]>('delete from grants where document = ? and person = ? and accepted_at is null'),
    invitations: db.prepare<[string], { document: DocumentId; role: GrantedRole; granted_by: PersonKey; granted_at: number }>(
      'select document, role, granted_by, granted_at from grants where person = ? and accepted_at is null order by granted_at',
    ),
    offered: db.prepare<[string, string], { one: number }>(
      'select 1 as one from grants where document = ? and person = ? and accepted_at is null',
    ),
    shared: db.prepare<{ person: string; other: string }, { one: number }>(`
      with of_person (document) as (
        select document from granted where person = :person and accepted_at is not null union select id from documents where owner = :person)
      select 1 as one from of_person where exists (select 1 from granted g where g.document = of_person.document and g.person = :other)
        or exists (select 1 from documents d where d.id = of_person.document and d.owner = :other) limit 1`),
    sharesFolder: db.prepare<{ person: string; other: string }, { one: number }>(`
      with of_person (folder) as (
        select folder from folder_grants where person = :person and accepted_at is not null union select id from folders where owner = :person)
      select 1 as one from of_person where exists (select 1 from folder_grants g where g.folder = of_person.folder and g.person = :other)
        or exists (select 1 from folders f where f.id = of_person.folder and f.owner = :other) limit 1`),
    parts: db.prepare<[string], { part: DocumentId; kind: Whole['kind'] }>('select part, kind from parts where whole = ?'),
    wholes: db.prepare<[string], Whole>('select whole, kind from parts where part = ?'),
    addPart: db.prepare<[string, string, string]>('insert or ignore into parts values (?, ?, ?)'),
    dropPart: db.prepare<[string, string]>('delete from parts where part = ? and whole = ?'),
  }
}
