import { join } from 'node:path'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import type { ChangeStore } from '../change-store.ts'
import { defaultQuotas, type Quotas, Usage } from '../quotas.ts'
import { Audit } from './audit.ts'
import { Devices } from './devices.ts'
import { Feed } from './feed.ts'
import { Folders } from './folders.ts'
import { Links } from './links.ts'
import { Pairing } from './pairing.ts'
import { People } from './people.ts'
import { moveFormerNotes } from './former-notes.ts'
import { openPeopleFile } from './people-file.ts'
import { PeoplePolicy } from './people-policy.ts'
import { Remarks } from './remarks.ts'
import { Rights } from './rights.ts'

/** Everything that a relay knows of people and rights. */
export interface RelayPeople {
  readonly people: People
  readonly devices: Devices
  readonly pairing: Pairing
  readonly rights: Rights
  readonly links: Links
  readonly folders: Folders
  readonly audit: Audit
  readonly feed: Feed
  readonly remarks: Remarks
  readonly policy: PeoplePolicy
  /** Takes notice of what other processes have written into the file: forgets what is kept in memory of it. Cheap, to be called often. */
  notice(): void
  /** Brings to the store what earlier versions noted here of its changes. */
  moveNotes(store: ChangeStore): void
  /** Writes that would make the file larger, in pages of four kilobytes, fail as on a full disk. */
  setMaxPages(maxPages: number): void
  close(): void
}

export interface RelayPeopleOptions {
  dataDir: string
  isStored: (document: DocumentId) => boolean
  firstAuthor: (document: DocumentId) => PersonKey | null
  /** Bytes that are stored of a document. */
  bytesOf?: (document: DocumentId) => number
  quotas?: Quotas
  now?: () => number
}

export function openRelayPeople({
  dataDir,
  isStored,
  firstAuthor,
  bytesOf = () => 0,
  quotas = defaultQuotas,
  now = Date.now,
}: RelayPeopleOptions): RelayPeople {
  const db = openPeopleFile(join(dataDir, 'people.sqlite'))
  const audit = new Audit(db, now)
  const people = new People(db, audit, now)
  const devices = new Devices(db, audit, now)
  const pairing = new Pairing(now)
  const feed = new Feed(db, now)
  const rights = new Rights(db, audit, feed, now)
  const usage = new Usage({ quotas, documentsOf: rights.ownedBy, bytesOf, now })
  rights.requireRoom = (owner, documents) => usage.addDocuments(owner, documents)
  const folders = new Folders(db, rights, audit, feed, now)
  const links = new Links(db, rights, audit, now)
  const remarks = new Remarks(db, rights, feed, now)
  const policy = new PeoplePolicy({ people, rights, remarks, usage, isStored, firstAuthor })
  const version = () => db.pragma('data_version', { simple: true })
  let known = version()
  const notice = () => {
    if (known === (known = version())) return
    rights.forget()
  }
  const setMaxPages = (maxPages: number) => void db.pragma(`max_page_count = ${maxPages}`)
  const parts = { people, devices, pairing, rights, links, folders, audit, feed, remarks, policy }
  return { ...parts, notice, moveNotes: (store) => moveFormerNotes(db, store), setMaxPages, close: () => db.close() }
}
