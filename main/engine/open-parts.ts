import { join } from 'node:path'
import { wasmInitialized } from '@automerge/automerge/slim'
import { asPalimpsestError } from '../../core/errors.ts'
import { DocumentWork } from './document-work.ts'
import { Documents } from './documents.ts'
import type { EngineOptions } from './engine.ts'
import { announce } from './handlers/library-handlers.ts'
import { History } from './history/history.ts'
import { openIdentity } from './identity.ts'
import { type OpenedIndex, openIndexDatabase } from './index/database.ts'
import { type IndexTables, openTables } from './index/tables.ts'
import { Library } from './library/library.ts'
import type { NoticeBoard } from './notices.ts'
import type { EngineLog, EngineParts } from './parts.ts'
import { openFeedMarks, openLeftRelays, openMentions, openPrivateCopies, openProfile, openSettings, Visits } from './preferences.ts'
import { Sessions } from './sessions.ts'
import { ChunkFolder } from './storage/chunk-folder.ts'
import { DurableFiles } from './storage/durable-files.ts'

export interface PartsOptions extends EngineOptions {
  log: EngineLog
  notices: NoticeBoard
  isWritable: boolean
}

/** Opens everything on the data folder that the engine works with. */
export async function openParts(options: PartsOptions): Promise<{ parts: EngineParts; opened: OpenedIndex<IndexTables> }> {
  const { dataDir, log, notices, now = Date.now } = options
  const files = new DurableFiles(join(dataDir, 'tmp'), options.fs, options.isWritable)
  await files.removeLeftovers()
  const identity = await openIdentity(files, dataDir, options.keyStore)
  const [settings, profile, leftRelays, visits, feedMarks, mentions, privateCopies] = await Promise.all([
    openSettings(files, dataDir),
    openProfile(files, dataDir),
    openLeftRelays(files, dataDir),
    Visits.open(files, dataDir),
    openFeedMarks(files, dataDir),
    openMentions(files, dataDir),
    openPrivateCopies(files, dataDir),
  ])
  const opened = openIndexDatabase(dataDir, {
    openTables,
    isWritable: options.isWritable,
    onDamage: (error) => log.error('the index is damaged, and is made anew at the next start', asPalimpsestError(error)),
  })
  const { numbers, readings, people, syncStates } = opened.tables
  const sessions = new Sessions((error, call) => log.error(`${call} failed`, error))
  notices.tell((notice) => sessions.emit('notice', notice))

  let library: Library | null = null
  const documents = new Documents({
    folder: new ChunkFolder(dataDir, files),
    work: new DocumentWork(),
    graphs: opened.tables.graphs,
    onDisk: (state, error) => {
      log.error(`writing: ${state} ${error ?? ''}`)
      notices.disk(state)
    },
    onDamage: (id, { chunks }) => {
      const isText = library?.has(id) === true
      const recoverable = isText && library?.entry(id).relay !== null
      const of = isText ? 'text' : id === identity.library ? 'library' : 'companion'
      notices.post({ kind: 'damaged', document: id, of, title: readings.summary(id)?.title ?? '', damage: { chunks, recoverable } })
    },
    ...options.timing,
  })
  await wasmInitialized()
  library = await Library.open({ documents, identity, now, onChange: (delta) => announce(parts, delta) })
  const listeners: Parameters<EngineParts['onEmit']>[0][] = []
  const history = new History({
    documents,
    table: opened.tables.timelines,
    isText: (id) => library?.has(id) ?? false,
    onChange: (id) => sessions.emitTo(id, 'history.changed', { id }),
    onFault: (error) => log.error('a timeline could not be brought up to date', error),
    ...(options.timing?.indexMs === undefined ? {} : { delayMs: options.timing.indexMs }),
  })
  const emit: EngineParts['emit'] = (name, event) => {
    sessions.emit(name, event)
    for (const listener of listeners) listener(name, event)
  }
  const parts: EngineParts = {
    dataDir,
    now,
    log,
    identity,
    documents,
    library,
    history,
    sessions,
    numbers,
    readings,
    people,
    syncStates,
    settings,
    profile,
    visits,
    leftRelays,
    feedMarks,
    mentions,
    privateCopies,
    emit,
    onEmit: (listener) => void listeners.push(listener),
  }
  return { parts, opened }
}
