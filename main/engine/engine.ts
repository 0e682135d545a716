/**
 * The engine: everything behind the contract, on one data folder. It is a plain program: hosts give it ports, it never asks who they are.
 */
import type { EngineHandlers } from '../../core/contract/engine.ts'
import type { BytesPort } from '../../core/contract/port.ts'
import { asPalimpsestError, PalimpsestError } from '../../core/errors.ts'
import type { DocumentId } from '../../core/ids.ts'
import { documentHandlers } from './handlers/document-handlers.ts'
import { historyHandlers } from './handlers/history-handlers.ts'
import { announce, libraryHandlers } from './handlers/library-handlers.ts'
import { personalHandlers } from './handlers/personal-handlers.ts'
import { Indexer } from './index/indexer.ts'
import { takeOver } from './library/take-over.ts'
import { createDocument } from './library/new-documents.ts'
import { recoverDocuments } from './library/recovery.ts'
import { welcomeBlocks, welcomeTitle } from './library/welcome.ts'
import type { KeyStore } from './key-store.ts'
import { NoticeBoard } from './notices.ts'
import { openParts } from './open-parts.ts'
import type { EngineLog, EngineParts } from './parts.ts'
import { Compaction } from './storage/compaction.ts'
import { type DataLock, lockDataFolder } from './storage/data-lock.ts'
import type { FileSystem } from './storage/durable-files.ts'
import { createSync } from './sync/sync.ts'

export interface EngineOptions {
  dataDir: string
  /** Of the product. */
  version: string
  /** True when an engine died before this one under the same host. */
  restarted?: boolean
  /** False for a library that begins empty. */
  welcome?: boolean
  log?: EngineLog
  /** Called when the data folder is this engine's, before anything in it is read. */
  onHolding?: () => void
  /** Called when this installation has become a device of another person: from the next start on it is that. */
  onMoved?: () => void
  /** The platform's, where the host has one. */
  keyStore?: KeyStore | null
  now?: () => number
  /** For tests: files of which any operation can fail. */
  fs?: FileSystem
  /** For tests: how long changes and reading wait. */
  timing?: { groupMs?: number; retryMs?: number; indexMs?: number }
  /** For tests: when chunks are joined and snapshots made. */
  compaction?: { maxIncrementalFiles: number; minSnapshotBytes: number }
  /** For tests: the largest change or saved document that fits into a frame. */
  maxChunkBytes?: number
}

export interface Engine {
  /** Serves a renderer until its port closes. */
  accept(port: BytesPort): void
  /** Writes what is pending and lets go of the data folder. */
  close(): Promise<void>
}

const consoleLog: EngineLog = {
  info: (message) => console.info(message),
  error: (message, error) => console.error(message, error ?? ''),
}

/** Starts an engine, which waits for Automerge's WebAssembly where it needs it. Throws `locked` when another one has the data folder. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const lock = lockOrReadOnly(options.dataDir)
  options.onHolding?.()
  try {
    return await startEngine(options, lock)
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** Null where nothing can be written: then there is nothing to protect, and what is there can still be read. */
function lockOrReadOnly(dataDir: string): DataLock | null {
  try {
    return lockDataFolder(dataDir)
  } catch (error) {
    if (error instanceof PalimpsestError && error.code === 'read-only') return null
    throw error
  }
}

async function startEngine(options: EngineOptions, lock: DataLock | null): Promise<Engine> {
  const { dataDir, version, log = consoleLog } = options
  const notices = new NoticeBoard(dataDir)
  if (options.restarted) notices.post({ kind: 'engine-restarted' })
  if (!lock) notices.post({ kind: 'read-only', dataDir })
  const { parts, opened } = await openParts({ ...options, log, notices, isWritable: lock !== null })
  const { documents, library, readings, sessions } = parts
  // The number counts from now on; nobody waits for the disk to have it.
  parts.profile
    .set({ ...parts.profile.value, sessions: parts.profile.value.sessions + 1 })
    .catch((error: unknown) => log.error('the start was not counted', asPalimpsestError(error)))

  const indexer = new Indexer({
    documents,
    readings,
    isText: (id) => library.has(id),
    onRead: (id) => announce(parts, { folders: [], documents: [id] }),
    onFault: (error) => log.error('a document could not be read', error),
    ...(options.timing?.indexMs === undefined ? {} : { delayMs: options.timing.indexMs }),
  })
  documents.onAccepted((accepted) => sessions.broadcast(accepted))
  const compaction = new Compaction({
    documents,
    onFault: (error) => log.error('a document could not be compacted', error),
    ...options.compaction,
  })
  library.onArrived((id) => void indexer.read(id))
  const sync = createSync(parts, options)
  const handlers: EngineHandlers = {
    ...personalHandlers(parts, { version, notices: notices.current }),
    ...libraryHandlers(parts),
    ...documentHandlers(parts, sync.roleOf),
    ...historyHandlers(library, parts.history),
    ...sync.handlers,
  }
  await takeOver(parts)
  const recovered = library.isIncomplete ? await recoverDocuments(parts) : 0
  const { isNew, wasDamaged, keep } = parts.identity
  await keep()
  if (isNew && (wasDamaged || recovered > 0)) notices.post({ kind: 'identity-lost', documents: recovered })
  if (isNew && options.welcome !== false && library.documents().length === 0) await welcome(parts)
  const unread = library.documents().filter((id) => !readings.summary(id))
  // Where nothing can be written the index is in memory, and made at each start.
  const isRebuilt = opened.isNew && lock !== null && unread.length > 0
  void readAll(parts, indexer, unread, isRebuilt).then(() => {
    if (isRebuilt) notices.post({ kind: 'index-rebuilt', documents: unread.length })
  })
  indexer.readLater(readings.stale().filter((id) => !unread.includes(id)))
  const tidying = setInterval(() => documents.forgetIdle(), 60_000)

  return {
    accept: (port) => sessions.accept(port, handlers, () => {}),
    async close() {
      clearInterval(tidying)
      sessions.closeAll()
      await sync.close()
      await documents.flush().catch((error: unknown) => log.error('not everything could be written', asPalimpsestError(error)))
      await Promise.all([indexer.close(), compaction.close(), parts.history.close()])
      documents.close()
      await Promise.all([parts.visits.save(), ...[parts.profile, parts.feedMarks].map((file) => file.settled().catch(() => {}))])
      await documents.work.close()
      opened.close()
      lock?.release()
    },
  }
}

async function welcome(parts: EngineParts): Promise<void> {
  const id = await createDocument(parts, { title: welcomeTitle, blocks: welcomeBlocks })
  await parts.library.addDocument(id, {})
}

/** Brings the index up to date in the background. Rebuilding it all is worth showing. */
async function readAll(parts: EngineParts, indexer: Indexer, ids: readonly DocumentId[], isRebuilt: boolean): Promise<void> {
  await indexer.catchUp(ids, (done) => {
    if (isRebuilt) parts.emit('progress', { task: 'index', done, total: ids.length })
  })
}
