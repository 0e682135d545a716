import type Database from 'better-sqlite3'
import { SyncStates } from '../sync/sync-states.ts'
import { DocumentNumbers } from './document-numbers.ts'
import { GraphTable } from './graph-table.ts'
import { People } from './people.ts'
import { Readings } from './readings.ts'
import { TimelineTable } from './timeline-table.ts'

/** Everything that reads and writes the index. */
export interface IndexTables {
  readonly numbers: DocumentNumbers
  readonly graphs: GraphTable
  readonly readings: Readings
  readonly timelines: TimelineTable
  readonly syncStates: SyncStates
  readonly people: People
}

/** Throws when the database is not what its version says: all statements are prepared here, so that none fails later for that. */
export function openTables(database: Database.Database): IndexTables {
  const numbers = new DocumentNumbers(database)
  return {
    numbers,
    graphs: new GraphTable(database, numbers),
    readings: new Readings(database, numbers),
    timelines: new TimelineTable(database, numbers),
    syncStates: new SyncStates(database),
    people: new People(database),
  }
}
