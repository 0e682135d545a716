/** Names of things, told apart by the compiler. All are plain strings on the wire and on disk. */

/** The property is never there. A symbol as its name could not be written into the types of a large table of parsers. */
type Branded<Name extends string> = string & { readonly __brand: Name }

/** automerge-repo's document id: base58check of 16 random bytes, the part after `automerge:` in a URL. */
export type DocumentId = Branded<'DocumentId'>
/** Random id of a folder in the library document. */
export type FolderId = Branded<'FolderId'>
/** A person: their Ed25519 public key, 64 hex digits. Also the `author` of every change they make. */
export type PersonKey = Branded<'PersonKey'>
/** A device of a person: its own Ed25519 public key. That of the person's first device is the person's key. */
export type DeviceKey = PersonKey
/** SHA-256 of a change, 64 hex digits. */
export type ChangeHash = Branded<'ChangeHash'>
/** Automerge's id of one writing session of one person, hex. */
export type ActorId = Branded<'ActorId'>
/** A version of a document: the hashes of the changes that nothing in it depends on, sorted. Empty is the version before the first change. */
export type Heads = readonly ChangeHash[]

const documentIdPattern = /^[1-9A-HJ-NP-Za-km-z]{20,40}$/
const folderIdPattern = /^[0-9A-Za-z_-]{1,64}$/
const hashPattern = /^[0-9a-f]{64}$/

/** Whether `value` has the form of a document id. Its checksum is not verified. */
export const isDocumentId = (value: unknown): value is DocumentId => typeof value === 'string' && documentIdPattern.test(value)
/** Whether `value` has the form of a folder's id. */
export const isFolderId = (value: unknown): value is FolderId => typeof value === 'string' && folderIdPattern.test(value)
/** Whether `value` has the form of a change hash. */
export const isChangeHash = (value: unknown): value is ChangeHash => typeof value === 'string' && hashPattern.test(value)
/** Whether `value` has the form of a person's key. */
export const isPersonKey = (value: unknown): value is PersonKey => typeof value === 'string' && hashPattern.test(value)

/** `automerge:…`, as automerge-repo writes it, for use inside documents. */
export const documentUrl = (id: DocumentId): `automerge:${DocumentId}` => `automerge:${id}`
