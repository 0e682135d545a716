import type { EngineEvents, EventName, Settings } from '../../core/contract/engine.ts'
import type { PalimpsestError } from '../../core/errors.ts'
import type { DocumentId } from '../../core/ids.ts'
import type { IndexTables } from './index/tables.ts'
import type { Documents } from './documents.ts'
import type { History } from './history/history.ts'
import type { Identity } from './identity.ts'
import type { Library } from './library/library.ts'
import type { Profile, UntoldMention, Visits } from './preferences.ts'
import type { Sessions } from './sessions.ts'
import type { JsonFile } from './storage/json-file.ts'

/** What an engine is made of, as its handlers see it. */
export interface EngineParts extends Pick<IndexTables, 'numbers' | 'readings' | 'people' | 'syncStates'> {
  readonly dataDir: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: EngineLog
  readonly identity: Identity
  readonly documents: Documents
  readonly library: Library
  readonly history: History
  readonly sessions: Sessions
  readonly settings: JsonFile<Settings>
  readonly profile: JsonFile<Profile>
  readonly visits: Visits
  /** Relays that this device signed out of while the person's others may still use them: what is on them is not synced here. */
  readonly leftRelays: JsonFile<string[]>
  /** The last event of each relay's feed that a window has taken, by address. */
  readonly feedMarks: JsonFile<Map<string, number>>
  readonly mentions: JsonFile<UntoldMention[]>
  /** By shared documents that are being brought back to what their relay has: their private copies. */
  readonly privateCopies: JsonFile<Map<DocumentId, DocumentId>>
  /** Tells every renderer. */
  emit<Name extends EventName>(name: Name, event: EngineEvents[Name]): void
  /** Calls `listener` with every event that all renderers are told. */
  onEmit(listener: <Name extends EventName>(name: Name, event: EngineEvents[Name]) => void): void
}

/** Where the engine says what a maintainer should know. It never holds what a person wrote. */
export interface EngineLog {
  info(message: string): void
  error(message: string, error?: PalimpsestError): void
}
