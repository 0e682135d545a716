import type { Role } from '../../core/contract/engine.ts'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import type { Policy, Visitor } from '../policy.ts'
import type { Usage } from '../quotas.ts'
import type { Actor } from './audit.ts'
import type { People } from './people.ts'
import type { Remarks } from './remarks.ts'
import { mayPut, type Parts, type Rights } from './rights.ts'

export interface PeoplePolicyParts {
  people: People
  rights: Rights
  remarks: Remarks
  usage: Usage
  /** Whether there are changes of a document here. */
  isStored: (document: DocumentId) => boolean
  /** The author of a stored document's first change. */
  firstAuthor: (document: DocumentId) => PersonKey | null
}

/** The policy of a relay that knows its people. */
export class PeoplePolicy implements Policy {
  readonly #parts: PeoplePolicyParts

  constructor(parts: PeoplePolicyParts) {
    this.#parts = parts
  }

  roleOf(visitor: Visitor, document: DocumentId): Role | null {
    if (visitor.person === null) return null
    this.#adopt(document)
    return this.#parts.rights.roleOf(visitor.person, document)
  }

  mayWrite(visitor: Visitor, document: DocumentId): boolean {
    return visitor.person !== null && this.#parts.rights.mayWrite(visitor.person, document)
  }

  addBytes(document: DocumentId, count: number): void {
    const owner = this.#parts.rights.ownerOf(document)
    if (owner !== null) this.#parts.usage.addBytes(owner, count)
  }

  /** Changes that name no author are nobody's: whoever may write may bring them, and the relay remembers who did. */
  mayBring({ person }: Visitor, document: DocumentId, author: PersonKey | null): boolean {
    if (person === null || !this.#parts.rights.mayWrite(person, document)) return false
    return author === person || author === null || this.#parts.rights.mayCarry(person, document)
  }

  mayPut(visitor: Visitor, document: DocumentId): boolean {
    const { people, rights, isStored } = this.#parts
    if (visitor.person === null || rights.isPut(document) || isStored(document)) return false
    return mayPut(people.find(visitor.person)?.standing ?? null)
  }

  put(visitor: Visitor, document: DocumentId): void {
    if (visitor.person === null) return
    this.#parts.usage.addDocuments(visitor.person, 1)
    this.#parts.rights.put(visitor.person, document, actorOf(visitor))
  }

  declare(visitor: Visitor, text: DocumentId, parts: Parts): void {
    if (visitor.person === null) return
    for (const id of [text, parts.margin, ...parts.attachments]) if (id !== null) this.#adopt(id)
    if (this.mayPut(visitor, text)) this.put(visitor, text)
    this.#parts.rights.declare(visitor.person, text, parts, actorOf(visitor))
  }

  noteWritten({ person }: Visitor, document: DocumentId, authors: Iterable<PersonKey | null>): void {
    const { remarks, rights } = this.#parts
    if (person === null || rights.textsOfMargin(document).length === 0) return
    for (const author of new Set(authors)) remarks.wrote(document, author ?? person)
  }

  /** A document that came before this relay knew people belongs to whoever made its first change. */
  #adopt(document: DocumentId): void {
    const { rights, isStored, firstAuthor } = this.#parts
    if (rights.isPut(document) || !isStored(document)) return
    const author = firstAuthor(document)
    if (author !== null) rights.put(author, document, { person: null, address: null })
  }
}

const actorOf = ({ person, address }: Visitor): Actor => ({ person, address })
