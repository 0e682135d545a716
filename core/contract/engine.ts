/**
 * The engine contract: everything a renderer can ask of the engine, and everything the engine tells it.
 *
 * Calls go renderer → engine and are answered; events go engine → renderer and are not. Names are `noun.verb`. Every parameter
 * is parsed at the engine (`parsers.ts`), because a renderer is untrusted input. Bytes travel as `Uint8Array`.
 * Times are milliseconds since 1970 and are labels only: order comes from the change graph.
 */
import type { ErrorCode } from '../errors.ts'
import type { DeviceKey, DocumentId, FolderId, Heads, PersonKey } from '../ids.ts'
import type { BlockContent } from '../text/blocks.ts'

// ---------------------------------------------------------------- people and settings

export interface Person {
  key: PersonKey
  /** Chosen by the person; empty until they choose one. */
  name: string
  /** 0 to 7: which of the eight person colours. */
  color: number
  /** A small square picture as a `data:` address, or null. */
  picture: string | null
}

export interface Settings {
  theme: 'system' | 'light' | 'dark'
  face: 'serif' | 'sans' | 'mono'
  /** Text size in px, 14 to 28. */
  textSizePx: number
  /** Characters in a line, 50 to 90. */
  measure: number
  smartPunctuation: boolean
  spellCheck: boolean
  focus: 'off' | 'page' | 'paragraph' | 'sentence'
  typewriter: boolean
  sort: 'name' | 'edited' | 'created'
  sidebarOpen: boolean
  /** Whether what others do is also told outside the window, while that is not in front. */
  notifications: boolean
  /** Address of the relay that documents are shared through, `ws:` or `wss:`; empty for none. */
  relay: string
}

export interface EngineInfo {
  version: string
  me: Person
  /** Where the data is, for the person to read. */
  dataDir: string
  /** Increases with each start of the engine on this data folder. */
  session: number
  settings: Settings
  /** The document that was opened last on this computer and is neither in the trash nor gone, so that a window need not wait for the library to show it. */
  lastOpened: DocumentId | null
  /** What the person should know about, as found at start. */
  notices: Notice[]
}

// ---------------------------------------------------------------- library

export interface Folder {
  id: FolderId
  name: string
  parent: FolderId | null
  /** The relay that it is shared through, and by whom; null where it is not shared. */
  shared: { relay: string; owner: PersonKey } | null
}

export interface DocumentSummary {
  id: DocumentId
  title: string
  folder: FolderId | null
  tags: string[]
  pinned: boolean
  /** Null unless it is in the trash. */
  trashedAt: number | null
  createdAt: number
  editedAt: number
  /** Null until it was opened here. */
  openedAt: number | null
  words: number
  /** First words of the text, for the list. */
  excerpt: string
  /** The relay it is shared through, or null. */
  relay: string | null
}

export interface Library {
  folders: Folder[]
  documents: DocumentSummary[]
}

export interface LibraryChange {
  folders?: Folder[]
  documents?: DocumentSummary[]
  removedFolders?: FolderId[]
  removedDocuments?: DocumentId[]
}

export interface SearchHit {
  id: DocumentId
  title: string
  /** Alternately not highlighted and highlighted, beginning with not highlighted. */
  titleParts: string[]
  /** The same for the best passage of the text. */
  snippetParts: string[]
}

// ---------------------------------------------------------------- documents

export interface OpenedDocument {
  id: DocumentId
  /** Automerge chunks: a saved document followed by changes, to be loaded in this order. */
  chunks: Uint8Array[]
  /** The author that changes of this installation carry. */
  author: PersonKey
  /** What this person may do here. Until a relay says otherwise, everything. */
  role: Role
  /** Present when something on disk was damaged. */
  damage: Damage | null
  /** As left by `document.remember`. */
  place: Place | null
}

/** The text as the engine last read it: to show at once, while the document itself is loading. */
export interface ReadableText {
  title: string
  blocks: BlockContent[]
  /** The version that this is the text of. */
  heads: Heads
}

export type Role = 'owner' | 'editor' | 'commenter' | 'viewer'

export interface Damage {
  /** Chunks set aside in `quarantine/`. */
  chunks: number
  /** Whether a relay holds the document, so that what is missing will come back. */
  recoverable: boolean
}

/** Where the person was in a document. Opaque to the engine. */
export interface Place {
  /** Position in the flat text of the caret and the other end of the selection. */
  anchor: number
  head: number
  scrollTop: number
}

// ---------------------------------------------------------------- history

/** One author at work with no pause over ten minutes. Restoring a version begins another one. */
export interface Sitting {
  /** Position in the timeline, from 0 (oldest). */
  index: number
  author: PersonKey | null
  startedAt: number
  endedAt: number
  changes: number
  /** Characters, block markers included. */
  inserted: number
  deleted: number
  /** The version at its end: every earlier sitting included. */
  heads: Heads
}

// ---------------------------------------------------------------- sync

/** What the engine knows of one document and its relay. */
export type SyncStatus =
  /** On no relay. */
  | { state: 'local'; saved: boolean }
  /** On a relay that is not connected at the moment. */
  | { state: 'offline'; saved: boolean; unsent: number; syncedAt: number | null; problem: ErrorCode | null }
  /** Connected, first exchange under way. */
  | { state: 'syncing'; saved: boolean; unsent: number; syncedAt: number | null }
  /** Connected; `unsent` counts changes that the relay has not said are durable there. */
  | { state: 'online'; saved: boolean; unsent: number; syncedAt: number | null }
  /** The relay does not serve this document to this person. Nothing local is lost. */
  | { state: 'refused'; saved: boolean; unsent: number; reason: string }

export interface RelayStatus {
  /** As in the settings; empty when none is set. */
  address: string
  state: 'none' | 'connecting' | 'connected' | 'unreachable' | 'not-a-relay' | 'refused'
  /** A sentence for the person, or null. */
  problem: string | null
  /** Whether the person runs it, as it said when they signed in. */
  isOwner: boolean
}

/** Who shares a document, as its relay has it. */
export interface DocumentAccess {
  /** False when the relay is not there at the moment: then this is what it last said. */
  isCurrent: boolean
  /** The relay has no people and no roles: whoever has the link may write. */
  isOpen: boolean
  /** Of the person who asks. */
  role: Role
  /** The owner first. */
  people: Collaborator[]
  /** People of the relay who have no role here. Empty for who may not give one. */
  others: Person[]
  /** Links that are good. Empty for who may not make any. */
  links: ShareLink[]
}

export interface Collaborator extends Person {
  role: Role
  /** False while the person has not accepted the invitation. */
  accepted: boolean
  /** The name of the folder that the role comes from; null where it was given in the document itself. */
  folder: string | null
}

export interface ShareLink {
  id: number
  role: Role
  /** Null for a link that somebody else has made. */
  link: string | null
  hasPassword: boolean
  expiresAt: number | null
}

/** A role that somebody offers, in a document or in a folder. */
export interface Invitation {
  document: DocumentId | null
  folder: { id: FolderId; name: string } | null
  role: Role
  from: Person
}

/** Something that another person did with a document or a folder and that concerns this one. */
export interface FeedItem {
  kind: 'invited' | 'role' | 'removed' | 'shared' | 'comment' | 'mention'
  at: number
  /** Null where it is about a folder. */
  document: DocumentId | null
  /** Null where it is about a document. */
  folder: { id: FolderId; name: string } | null
  /** Of the document; null where that is not here. */
  title: string | null
  /** Of `shared`: documents that came into the folder. */
  count: number
  /** Of `invited` and `role`; null else. */
  role: Role | null
  /** Null where the relay does not say who. */
  from: Person | null
  /** A sentence for what was removed. */
  reason: string | null
}

// ---------------------------------------------------------------- devices

/** A device on which the person writes, as the relay knows it. */
export interface Device {
  key: DeviceKey
  /** Such as “ada-laptop, Linux”. */
  name: string
  addedAt: number
  /** When it was last connected. */
  seenAt: number
  isThis: boolean
}

/** What becomes of the code that this device shows. */
export type Pairing =
  /** Nobody has used it. */
  | { state: 'waiting' }
  /** A device that knows the code asks to be added. */
  | { state: 'asked'; name: string }
  /** It is of no use any more; `problem` is a sentence for the person where something was wrong. */
  | { state: 'ended'; problem: string | null }

// ---------------------------------------------------------------- notices and progress

/** Something that happened to the person's data, to be told in words. The renderer has a sentence for each kind. */
export type Notice =
  | { kind: 'engine-restarted' }
  | { kind: 'disk-full' }
  /** Writing fails for another reason than a full disk or a missing right. It is tried again and again. */
  | { kind: 'disk-failing' }
  | { kind: 'disk-ok' }
  | { kind: 'read-only'; dataDir: string }
  /** `of` says what the document is: a text with this title, the library, or what goes with a text, such as a picture. */
  | { kind: 'damaged'; document: DocumentId; of: 'text' | 'library' | 'companion'; title: string; damage: Damage }
  | { kind: 'refused-changes'; document: DocumentId; count: number }
  | { kind: 'index-rebuilt'; documents: number }
  /** The person's key could not be read: they have a new one, and a new library with the documents that were found on the disk. */
  | { kind: 'identity-lost'; documents: number }

export interface Progress {
  /** The call it belongs to, as the renderer named it. */
  task: string
  done: number
  total: number
}

// ---------------------------------------------------------------- the interface itself

/** Calls: parameters and answer. */
export interface EngineCalls {
  'engine.info': { params: Record<string, never>; value: EngineInfo }
  /** Stops accepting, writes what is pending, and answers when all is durable. */
  'engine.flush': { params: Record<string, never>; value: null }

  'person.update': { params: { name?: string; color?: number; picture?: string | null }; value: Person }
  /**
   * Names and colours by key, as they are remembered here; unknown people come back with an empty name and a colour drawn from the key. The relays are asked
   * meanwhile, and `person.changed` tells what they say differently.
   */
  'person.lookup': { params: { keys: PersonKey[] }; value: Person[] }
  'settings.update': { params: Partial<Settings>; value: Settings }

  'library.read': { params: Record<string, never>; value: Library }
  'folder.create': { params: { name: string; parent: FolderId | null }; value: Folder }
  'folder.rename': { params: { id: FolderId; name: string }; value: null }
  /** Refused with `invalid` when it would put a folder inside itself. */
  'folder.move': { params: { id: FolderId; parent: FolderId | null }; value: null }
  /** The folders and documents in it move to its parent. Refused with `invalid` while it is shared. */
  'folder.remove': { params: { id: FolderId }; value: null }

  /**
   * A new document. Without `chunks` the engine makes an empty one; with them (an import) they are its first content, already with
   * schema, title and margin. `createdAt` is for imports that know better.
   */
  'document.create': {
    params: { folder: FolderId | null; title?: string; chunks?: Uint8Array[]; createdAt?: number }
    value: DocumentSummary
  }
  'document.open': { params: { id: DocumentId }; value: OpenedDocument }
  /** The cached text, or null where there is none yet. */
  'document.read': { params: { id: DocumentId }; value: ReadableText | null }
  /** Changes made in this window, in order. Answered when they are durable on this computer. */
  'document.change': { params: { id: DocumentId; changes: Uint8Array[] }; value: { heads: Heads } }
  'document.close': { params: { id: DocumentId }; value: null }
  'document.remember': { params: { id: DocumentId; place: Place }; value: null }
  'document.rename': { params: { id: DocumentId; title: string }; value: null }
  'document.duplicate': { params: { id: DocumentId }; value: DocumentSummary }
  'document.move': { params: { ids: DocumentId[]; folder: FolderId | null }; value: null }
  'document.tag': { params: { id: DocumentId; tags: string[] }; value: null }
  'document.pin': { params: { id: DocumentId; pinned: boolean }; value: null }
  'document.trash': { params: { ids: DocumentId[] }; value: null }
  'document.restore': { params: { ids: DocumentId[] }; value: null }
  /** For good: only what is in the trash. */
  'document.delete': { params: { ids: DocumentId[] }; value: null }

  /** Matches of every word, the last one as a prefix; best first. */
  'search.query': { params: { text: string; limit: number }; value: SearchHit[] }

  'attachment.create': { params: { type: string; name: string; bytes: Uint8Array }; value: { url: `automerge:${string}` } }
  'attachment.read': { params: { url: string }; value: { type: string; name: string; bytes: Uint8Array } }

  /** Oldest first. */
  'history.timeline': { params: { id: DocumentId }; value: Sitting[] }

  'relay.status': { params: Record<string, never>; value: RelayStatus }
  /** Tries an address without keeping it. Fails with `unreachable`, `not-a-relay` or `refused`. */
  'relay.test': { params: { address: string }; value: null }
  /** Takes an invite to a relay: from then on it is the relay of the settings. Fails with `invalid` for what is none, and with `refused`. */
  'relay.join': { params: { invite: string }; value: null }
  /** Signs out of the relay of the settings and forgets its address. Every document stays here; what is on that relay is no longer synced. */
  'relay.leave': { params: Record<string, never>; value: null }
  /**
   * Puts the document on the relay of the settings, where nobody else can read it until they are let in; on the one that it is on it stays. Answers when the
   * relay has all of it. Its progress, as a `task`, is counted in changes.
   */
  'share.create': { params: { id: DocumentId; task?: string }; value: null }
  /** Takes a link from another person; answers when the document is here. Fails with `password` when the link asks for one. It can be cancelled as a `task`. */
  'share.open': { params: { link: string; password?: string; task?: string }; value: { id: DocumentId } }
  /**
   * Who shares a document that is on a relay. Fails with `unreachable` when that is not there and has never said. The calls after it are for the document's owner.
   */
  'share.access': { params: { id: DocumentId }; value: DocumentAccess }
  /** Offers a role to a person of the relay, or changes the role of one who has one. */
  'share.grant': { params: { id: DocumentId; person: PersonKey; role: Exclude<Role, 'owner'> }; value: null }
  /** Takes a person's role away; anybody may give up their own. */
  'share.revoke': { params: { id: DocumentId; person: PersonKey }; value: null }
  /** Makes a person who has a role the owner; the owner until now becomes an editor. */
  'share.transfer': { params: { id: DocumentId; person: PersonKey }; value: null }
  /**
   * Tells people that they were mentioned in the margin of a document: at once, or when its relay is there again. Who cannot read it is not told. Refused with
   * `not-allowed` for who may not write in that margin.
   */
  'share.mention': { params: { id: DocumentId; people: PersonKey[] }; value: null }
  /** Makes another link, which gives a role to whoever has it. */
  'share.link': {
    params: { id: DocumentId; role: Exclude<Role, 'owner'>; password?: string; expiresAt?: number }
    value: { link: string }
  }
  /** Takes a link back; who came by it loses what it gave. */
  'share.unlink': { params: { id: DocumentId; link: number }; value: null }
  /**
   * Shares a folder through the relay of the settings: what the person owns of the documents in it goes there, also what comes into it later, and a role in the folder is
   * one in all of them. Its progress, as a `task`, is counted in documents.
   */
  'folder.share': { params: { id: FolderId; task?: string }; value: null }
  /** Shares a folder no longer. What is in it stays on the relay, and with who has a role in it by itself. */
  'folder.unshare': { params: { id: FolderId }; value: null }
  /** Who has a role in a shared folder. There are no links to one. */
  'folder.access': { params: { id: FolderId }; value: DocumentAccess }
  'folder.grant': { params: { id: FolderId; person: PersonKey; role: Exclude<Role, 'owner'> }; value: null }
  /** Takes a role in a folder away; anybody may give up their own, and keeps the documents that are here. */
  'folder.revoke': { params: { id: FolderId; person: PersonKey }; value: null }
  /** Accepting one answers when its documents are here. */
  'folder.answer': { params: { id: FolderId; accept: boolean }; value: null }
  /** An invite to the relay of the settings, for one person and a week. Only for owners of the relay. */
  'relay.invite': { params: Record<string, never>; value: { invite: string } }
  /** A link to the status page of the relay of the settings, good once and for ten minutes. Only for owners of the relay. */
  'relay.status-page': { params: Record<string, never>; value: { link: string } }
  /** Roles that others offer, on the relay of the settings. */
  'invitation.list': { params: Record<string, never>; value: Invitation[] }
  /** Accepting one answers when the document is here. */
  'invitation.answer': { params: { document: DocumentId; accept: boolean }; value: null }
  /** What came since a window took it for the last time, oldest first. Each item is given to one window, once; what none took before the engine ended comes again. */
  'feed.take': { params: Record<string, never>; value: FeedItem[] }
  /** The person's devices on the relay that they share the library through, or else on that of the settings. */
  'device.list': { params: Record<string, never>; value: Device[] }
  /** Takes a device away: it is shut out of every relay that this one uses, now or when that is there again. What is on its disk stays. */
  'device.remove': { params: { key: DeviceKey }; value: null }
  /** Begins to wait for another device, which is to be told the relay and the code. `pairing.changed` tells what becomes of it. */
  'device.invite': { params: Record<string, never>; value: { code: string; relay: string; expiresAt: number } }
  /** Adds the device that has asked, or does not. Answers when that device has come, or is slow to. */
  'device.answer': { params: { accept: boolean }; value: null }
  /** Waits no longer. */
  'device.cancel': { params: Record<string, never>; value: null }
  /**
   * Makes this device another one of the person whose code it is, once they have said yes there. Its documents stay, and are in that person's library from then on.
   * After the answer the engine starts anew, with another person. It can be cancelled as a `task`.
   */
  'device.join': { params: { relay: string; code: string; task?: string }; value: null }
  'sync.status': { params: { id: DocumentId }; value: SyncStatus }
  /** Cancels long work by the name the renderer gave it. */
  'task.cancel': { params: { task: string }; value: null }
}

/** Events. */
export interface EngineEvents {
  /** Changes of an open document that this window did not make: from another window or from outside. In order, dependencies first. */
  'document.changes': { id: DocumentId; changes: Uint8Array[] }
  'library.changed': LibraryChange
  'settings.changed': Settings
  'person.changed': Person
  'sync.changed': { id: DocumentId; status: SyncStatus }
  'relay.changed': RelayStatus
  /** What the person may do with a document is different now. */
  'role.changed': { id: DocumentId; role: Role }
  'pairing.changed': Pairing
  'history.changed': { id: DocumentId }
  /**
   * The person wrote in a document that they may only read. What they wrote is in `copy`, a document of their own with this title, and the document is again as its
   * relay has it. A window that has it open opens it anew; what that sends before goes to the copy.
   */
  'document.replaced': { id: DocumentId; copy: DocumentId; title: string }
  /** There is something to take; and what is offered may be different now. */
  'feed.changed': Record<string, never>
  notice: Notice
  progress: Progress
}

export type CallName = keyof EngineCalls
export type EventName = keyof EngineEvents
export type Params<Name extends CallName> = EngineCalls[Name]['params']
export type Value<Name extends CallName> = EngineCalls[Name]['value']

/** How a call ends. An expected failure is a value. */
export type Reply<Name extends CallName> =
  | { ok: true; value: Value<Name> }
  | { ok: false; error: { code: ErrorCode; message: string; detail?: string } }

/** The renderer's whole view of the engine. */
export interface EngineClient {
  /** Rejects with a `PalimpsestError`; with `engine-gone` when the engine died meanwhile. */
  call<Name extends CallName>(name: Name, params: Params<Name>): Promise<Value<Name>>
  /** Returns a function that stops listening. */
  on<Name extends EventName>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void
  /** `connected` again after the engine or the connection came back; open documents must then be opened again. */
  onState(listener: (state: 'connecting' | 'connected' | 'gone') => void): () => void
}

/** The engine's side: one handler per call. */
export type EngineHandlers = {
  [Name in CallName]: (params: Params<Name>, from: RendererSession) => Promise<Value<Name>> | Value<Name>
}

/** One connected renderer, as the engine sees it. */
export interface RendererSession {
  readonly id: number
  emit<Name extends EventName>(name: Name, event: EngineEvents[Name]): void
}
