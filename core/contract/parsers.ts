/**
 * One parser for each call of the engine contract. The engine runs it before the handler, because a renderer is untrusted input;
 * every text, list and byte array is bounded here, so that no handler has to think of size.
 */
import * as v from 'valibot'
import { type FolderId, isDocumentId, isFolderId, isPersonKey } from '../ids.ts'
import { maxMentioned, picturePattern } from '../protocol/relay-api.ts'
import type { CallName, Params } from './engine.ts'

/** Largest file that may be stored as an attachment. */
export const maxAttachmentBytes = 20 * 1024 * 1024
/** Largest picture of a person, in characters of its address: many times what 128 pixels square take. */
export const maxPictureLength = 64 * 1024
/** Largest document, or set of changes, that one call may carry. */
export const maxDocumentBytes = 120 * 1024 * 1024

const none = v.strictObject({})
const text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength))
const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))
const title = text(1000)
const time = v.pipe(v.number(), v.finite())
const count = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))

const documentId = v.custom<Params<'document.open'>['id']>(isDocumentId, 'not a document id')
const folderId = v.custom<FolderId>(isFolderId, 'not a folder id')
const personKey = v.custom<Params<'person.lookup'>['keys'][number]>(isPersonKey, 'not a person key')
const folder = v.nullable(folderId)
const grantedRole = v.picklist(['viewer', 'commenter', 'editor'])
const documentIds = v.pipe(v.array(documentId), v.minLength(1), v.maxLength(20_000))

const bytes = (maxBytes: number) => v.pipe(v.instance(Uint8Array), v.maxLength(maxBytes))
const totalBytes = (chunks: readonly Uint8Array[]) => chunks.reduce((sum, chunk) => sum + chunk.length, 0)
const chunks = v.pipe(
  v.array(bytes(maxDocumentBytes)),
  v.maxLength(300_000),
  v.check((all) => totalBytes(all) <= maxDocumentBytes, 'too many bytes'),
)

const place = v.strictObject({ anchor: count(0, 1e9), head: count(0, 1e9), scrollTop: time })

const settings = v.strictObject({
  theme: v.picklist(['system', 'light', 'dark']),
  face: v.picklist(['serif', 'sans', 'mono']),
  textSizePx: count(14, 28),
  measure: count(50, 90),
  smartPunctuation: v.boolean(),
  spellCheck: v.boolean(),
  focus: v.picklist(['off', 'page', 'paragraph', 'sentence']),
  typewriter: v.boolean(),
  sort: v.picklist(['name', 'edited', 'created']),
  sidebarOpen: v.boolean(),
  notifications: v.boolean(),
  relay: v.pipe(
    text(2000),
    v.check((address) => address === '' || /^wss?:\/\//.test(address), 'not a ws: or wss: address'),
  ),
})

/** Parses a whole settings record: what the engine keeps in its file. */
export const settingsParser = settings

/** Parsers by call. That each fits its call is checked by the compiler. */
export const parsers = {
  'engine.info': none,
  'engine.flush': none,

  'person.update': v.strictObject({
    name: v.optional(v.pipe(text(100), v.trim())),
    color: v.optional(count(0, 7)),
    picture: v.optional(v.nullable(v.pipe(text(maxPictureLength), v.regex(picturePattern)))),
  }),
  'person.lookup': v.strictObject({ keys: v.pipe(v.array(personKey), v.maxLength(10_000)) }),
  'settings.update': v.partial(settings),

  'library.read': none,
  'folder.create': v.strictObject({ name, parent: folder }),
  'folder.rename': v.strictObject({ id: folderId, name }),
  'folder.move': v.strictObject({ id: folderId, parent: folder }),
  'folder.remove': v.strictObject({ id: folderId }),

  'document.create': v.strictObject({ folder, title: v.optional(title), chunks: v.optional(chunks), createdAt: v.optional(time) }),
  'document.open': v.strictObject({ id: documentId }),
  'document.read': v.strictObject({ id: documentId }),
  'document.change': v.strictObject({ id: documentId, changes: chunks }),
  'document.close': v.strictObject({ id: documentId }),
  'document.remember': v.strictObject({ id: documentId, place }),
  'document.rename': v.strictObject({ id: documentId, title }),
  'document.duplicate': v.strictObject({ id: documentId }),
  'document.move': v.strictObject({ ids: documentIds, folder }),
  'document.tag': v.strictObject({
    id: documentId,
    tags: v.pipe(v.array(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100))), v.maxLength(100)),
  }),
  'document.pin': v.strictObject({ id: documentId, pinned: v.boolean() }),
  'document.trash': v.strictObject({ ids: documentIds }),
  'document.restore': v.strictObject({ ids: documentIds }),
  'document.delete': v.strictObject({ ids: documentIds }),

  'search.query': v.strictObject({ text: text(1000), limit: count(1, 200) }),

  'attachment.create': v.strictObject({
    type: v.pipe(text(200), v.regex(/^[\w.+-]+\/[\w.+-]+$/)),
    name: text(500),
    bytes: bytes(maxAttachmentBytes),
  }),
  'attachment.read': v.strictObject({ url: text(200) }),

  'history.timeline': v.strictObject({ id: documentId }),

  'relay.status': none,
  'relay.test': v.strictObject({ address: text(2000) }),
  'relay.join': v.strictObject({ invite: text(4000) }),
  'relay.leave': none,
  'share.create': v.strictObject({ id: documentId, task: v.optional(text(200)) }),
  'share.open': v.strictObject({ link: text(4000), password: v.optional(text(200)), task: v.optional(text(200)) }),
  'share.access': v.strictObject({ id: documentId }),
  'share.grant': v.strictObject({ id: documentId, person: personKey, role: grantedRole }),
  'share.revoke': v.strictObject({ id: documentId, person: personKey }),
  'share.transfer': v.strictObject({ id: documentId, person: personKey }),
  'share.mention': v.strictObject({ id: documentId, people: v.pipe(v.array(personKey), v.minLength(1), v.maxLength(maxMentioned)) }),
  'share.link': v.strictObject({
    id: documentId,
    role: grantedRole,
    password: v.optional(v.pipe(text(200), v.minLength(1))),
    expiresAt: v.optional(time),
  }),
  'share.unlink': v.strictObject({ id: documentId, link: count(0, Number.MAX_SAFE_INTEGER) }),
  'folder.share': v.strictObject({ id: folderId, task: v.optional(text(200)) }),
  'folder.unshare': v.strictObject({ id: folderId }),
  'folder.access': v.strictObject({ id: folderId }),
  'folder.grant': v.strictObject({ id: folderId, person: personKey, role: grantedRole }),
  'folder.revoke': v.strictObject({ id: folderId, person: personKey }),
  'folder.answer': v.strictObject({ id: folderId, accept: v.boolean() }),
  'relay.invite': none,
  'relay.status-page': none,
  'invitation.list': none,
  'invitation.answer': v.strictObject({ document: documentId, accept: v.boolean() }),
  'device.list': none,
  'device.remove': v.strictObject({ key: personKey }),
  'device.invite': none,
  'device.answer': v.strictObject({ accept: v.boolean() }),
  'device.cancel': none,
  'device.join': v.strictObject({ relay: text(2000), code: text(100), task: v.optional(text(200)) }),
  'feed.take': none,
  'sync.status': v.strictObject({ id: documentId }),
  'task.cancel': v.strictObject({ task: text(200) }),
} as const satisfies { [Name in CallName]: v.GenericSchema<unknown, Params<Name>> }
