/**
 * Folders that their owners share. A folder is in its owner's library, which the relay does not read; so the owner's app declares what is in it, and again whenever
 * that changes. A role in the folder then is one in every document in it, as long as both have the same owner; `rights.ts` asks for it.
 */
import type Database from 'better-sqlite3'
import type { Role } from '../../core/contract/engine.ts'
import type { DocumentId, FolderId, PersonKey } from '../../core/ids.ts'
import { type InnerFolder, maxFolderDocuments } from '../../core/protocol/relay-api.ts'
import { ApiRefusal } from './api-refusal.ts'
import type { Actor, Audit } from './audit.ts'
import type { Feed } from './feed.ts'
import { durably } from './people-file.ts'
import type { GrantedRole, Rights } from './rights.ts'

type By = Actor & { person: PersonKey }

export interface SharedFolder {
  id: FolderId
  name: string
  owner: PersonKey
  role: Role
  /** False while the person has not answered the invitation. */
  accepted: boolean
  /** Empty while it is not accepted. */
  documents: DocumentId[]
  /** The same. */
  inner: InnerFolder[]
}

/** What is in a folder, as its owner declares it. */
export interface DeclaredFolder {
  name: string
  documents: readonly DocumentId[]
  inner: readonly InnerFolder[]
}

interface FolderRow {
  id: FolderId
  owner: PersonKey
  name: string
  /** JSON. */
  inner_folders: string
}

interface GrantRow {
  person: PersonKey
  role: GrantedRole
  accepted_at: number | null
}

/** Folders that one person shares. */
const maxFolders = 1_000

export class Folders {
  readonly #db: Database.Database
  readonly #rights: Rights
  readonly #audit: Audit
  readonly #feed: Feed
  readonly #now: () => number
  readonly #sql

  constructor(db: Database.Database, rights: Rights, audit: Audit, feed: Feed, now: () => number) {
    this.#db = db
    this.#rights = rights
    this.#audit = audit
    this.#feed = feed
    this.#now = now
    this.#sql = statements(db)
  }

  /** Takes what the owner says is in a folder, and makes it where it is new. Only documents that are theirs count; others are left out. */
  declare(by: By, id: FolderId, { name, documents, inner }: DeclaredFolder): void {
    const all = [...documents, ...inner.flatMap((each) => each.documents)]
    if (all.length > maxFolderDocuments) throw new ApiRefusal('too-many', 'too many documents in one folder')
    if (!isTree(id, inner)) throw new ApiRefusal('invalid', 'folders that do not stand in one another')
    const known = this.#sql.folder.get(id)
    if (known && known.owner !== by.person) throw notThere
    if (!known && (this.#sql.count.get(by.person)?.count ?? 0) >= maxFolders) throw new ApiRefusal('too-many', 'too many shared folders')
    const before = new Set(this.#sql.documents.all(id).map(({ document }) => document))
    const after = new Set(all.filter((document) => this.#rights.roleOf(by.person, document) === 'owner'))
    const added = [...after].filter((document) => !before.has(document))
    const removed = [...before].filter((document) => !after.has(document))
    const innerFolders = JSON.stringify(
      inner.map((each) => ({ ...each, documents: each.documents.filter((document) => after.has(document)) })),
    )
    if (known?.name === name && known.inner_folders === innerFolders && added.length + removed.length === 0) return
    durably(this.#db, () => {
      this.#sql.put.run(id, by.person, name, this.#now(), innerFolders)
      for (const document of added) this.#sql.add.run(id, document)
      for (const document of removed) this.#sql.remove.run(id, document)
      this.#audit.note(by, 'folder.declare', { folder: id, added, removed })
      for (const { person } of this.#accepted(id))
        this.#feed.add(person, { kind: 'shared', folder: { id, name }, count: added.length, from: by.person })
    })
    this.#rights.changed([...added, ...removed], null, 'The document is no longer in the folder that is shared with you.')
  }

  grant(by: By, id: FolderId, person: PersonKey, role: GrantedRole): void {
    const { name, owner } = this.#own(by, id)
    if (person === owner) throw new ApiRefusal('not-allowed', 'the folder is the person’s own')
    durably(this.#db, () => {
      this.#sql.grant.run({ folder: id, person, role, by: by.person, now: this.#now() })
      this.#audit.note(by, 'folder.grant', { folder: id, person, role })
      const kind = this.roleOf(person, id) === null ? 'invited' : 'role'
      this.#feed.add(person, { kind, folder: { id, name }, role, from: by.person })
    })
    this.#told(id, person, 'Your role in this folder was changed.')
  }

  /** By the owner, or by the person for themselves. */
  revoke(by: By, id: FolderId, person: PersonKey): void {
    if (by.person !== person) this.#own(by, id)
    const isOwn = by.person === person
    const reason = isOwn ? 'You left the folder of this document.' : 'The owner no longer shares the folder of this document with you.'
    durably(this.#db, () => {
      if (this.#sql.revoke.run(id, person).changes === 0) throw notThere
      this.#audit.note(by, 'folder.revoke', { folder: id, person })
      if (!isOwn) this.#tellLoss(id, person, 'The owner no longer shares this folder with you.')
    })
    this.#told(id, person, reason)
  }

  answer(by: By, id: FolderId, accept: boolean): void {
    durably(this.#db, () => {
      const { changes } = accept ? this.#sql.accept.run(this.#now(), id, by.person) : this.#sql.decline.run(id, by.person)
      if (changes === 0) throw new ApiRefusal('not-found', 'there is no such invitation')
      this.#audit.note(by, 'folder.answer', { folder: id, accept })
    })
    this.#told(id, by.person, '')
  }

  /** Ends the sharing: everybody loses what the folder gave. */
  unshare(by: By, id: FolderId): void {
    this.#own(by, id)
    const documents = this.#documentsIn(id)
    durably(this.#db, () => {
      for (const { person } of this.#sql.grants.all(id)) this.#tellLoss(id, person, 'The owner no longer shares this folder with you.')
      for (const drop of this.#sql.drop) drop.run(id)
      this.#audit.note(by, 'folder.unshare', { folder: id })
    })
    this.#rights.changed(documents, null, 'The owner no longer shares the folder of this document with you.')
  }

  /** The role of a person who has one; null also for one who has not answered. */
  roleOf(person: PersonKey, id: FolderId): Role | null {
    if (this.#sql.folder.get(id)?.owner === person) return 'owner'
    return this.#accepted(id).find((grant) => grant.person === person)?.role ?? null
  }

  isOffered = (person: PersonKey, id: FolderId): boolean =>
    this.#sql.grants.all(id).some((grant) => grant.person === person && grant.accepted_at === null)

  /** Who may do what with a folder, the owner first. Throws `not-found` for somebody without a role in it. */
  access(person: PersonKey, id: FolderId) {
    const folder = this.#sql.folder.get(id)
    const role = this.roleOf(person, id)
    if (!folder || role === null) throw notThere
    const granted = this.#sql.grants.all(id).map((grant) => ({ key: grant.person, role: grant.role, accepted: grant.accepted_at !== null }))
    return { role, name: folder.name, people: [{ key: folder.owner, role: 'owner' as const, accepted: true }, ...granted] }
  }

  /** The folders that a person shares, has a role in, or was invited to. */
  list(person: PersonKey): SharedFolder[] {
    return this.#sql.foldersOf.all({ person }).map(({ id, name, owner, inner_folders }) => {
      const isOffer = this.isOffered(person, id)
      const role = this.roleOf(person, id) ?? this.#sql.grants.all(id).find((grant) => grant.person === person)?.role ?? 'viewer'
      if (isOffer) return { id, name, owner, role, accepted: false, documents: [], inner: [] }
      const documents = this.#documentsIn(id)
      return { id, name, owner, role, accepted: true, documents, inner: innerWith(inner_folders, new Set(documents)) }
    })
  }

  #own(by: By, id: FolderId): FolderRow {
    const folder = this.#sql.folder.get(id)
    if (!folder || this.roleOf(by.person, id) === null) throw notThere
    if (folder.owner !== by.person) throw new ApiRefusal('not-allowed', 'only the owner of the folder may do this')
    return folder
  }

  #documentsIn = (id: FolderId) => this.#sql.served.all(id).map(({ document }) => document)
  #accepted = (id: FolderId) => this.#sql.grants.all(id).filter(({ accepted_at }) => accepted_at !== null)
  #told = (id: FolderId, person: PersonKey, reason: string) => this.#rights.changed(this.#documentsIn(id), person, reason)

  #tellLoss(id: FolderId, person: PersonKey, reason: string): void {
    const name = this.#sql.folder.get(id)?.name ?? ''
    this.#feed.add(person, { kind: 'removed', folder: { id, name }, reason })
  }
}

/** Each folder stands after the one that it is in. */
function isTree(id: FolderId, inner: readonly InnerFolder[]): boolean {
  const known = new Set([id])
  return inner.every(({ id: each, parent }) => known.has(parent) && !known.has(each) && known.add(each))
}

/** Without documents that are not in the shared folder any more. */
const innerWith = (stored: string, documents: ReadonlySet<DocumentId>): InnerFolder[] =>
  (JSON.parse(stored) as InnerFolder[]).map((each) => ({ ...each, documents: each.documents.filter((id) => documents.has(id)) }))

/** Said also of a folder that is here, to somebody without a role in it. */
const notThere = new ApiRefusal('not-found', 'there is no such folder here')

function statements(db: Database.Database) {
  return {
    folder: db.prepare<[string], FolderRow>('select id, owner, name, inner_folders from folders where id = ?'),
    count: db.prepare<[string], { count: number }>('select count(*) as count from folders where owner = ?'),
    put: db.prepare<[string, string, string, number, string]>(
      'insert into folders values (?, ?, ?, ?, ?) on conflict (id) do update set name = excluded.name, inner_folders = excluded.inner_folders',
    ),
    documents: db.prepare<[string], { document: DocumentId }>('select document from folder_documents where folder = ?'),
    // A document that was handed over has left the folder of its former owner.
    served: db.prepare<[string], { document: DocumentId }>(`
      select document from folder_documents join folders on folders.id = folder join documents on documents.id = document
      where folder = ? and documents.owner = folders.owner order by document`),
    add: db.prepare<[string, string]>('insert or ignore into folder_documents values (?, ?)'),
    remove: db.prepare<[string, string]>('delete from folder_documents where folder = ? and document = ?'),
    grants: db.prepare<[string], GrantRow>(
      'select person, role, accepted_at from folder_grants where folder = ? order by granted_at, person',
    ),
    grant: db.prepare<{ folder: string; person: string; role: string; by: string; now: number }>(`
      insert into folder_grants values (:folder, :person, :role, :by, :now, null)
      on conflict (folder, person) do update set role = :role, granted_by = :by, granted_at = :now`),
    revoke: db.prepare<[string, string]>('delete from folder_grants where folder = ? and person = ?'),
    accept: db.prepare<[number, string, string]>(
      'update folder_grants set accepted_at = ? where folder = ? and person = ? and accepted_at is null',
    ),
    decline: db.prepare<[string, string]>('delete from folder_grants where folder = ? and person = ? and accepted_at is null'),
    foldersOf: db.prepare<{ person: string }, FolderRow>(`
      select id, owner, name, inner_folders from folders
      where owner = :person or id in (select folder from folder_grants where person = :person) order by shared_at, id`),
    drop: ['folder_grants where folder', 'folder_documents where folder', 'folders where id'].map((rows) =>
      db.prepare<[string]>(`delete from ${rows} = ?`),
    ),
  }
}
