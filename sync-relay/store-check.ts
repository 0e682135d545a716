/**
 * Reads everything in a store, and trusts nothing of it: bytes are hashed again, and the change graph of each document is built again by the rules that
 * changes from outside must pass. So whatever this finds whole can be served, and opened by anybody who gets it.
 */
import type Database from 'better-sqlite3'
import type { ChangeHeader } from '../core/sync/change-header.ts'
import { isDocumentId, isPersonKey } from '../core/ids.ts'
import { ChangeGraph } from '../core/sync/change-graph.ts'
import { chunkKind } from '../core/sync/change-header.ts'
import { storedHeader } from '../core/sync/large-change.ts'
import { addExpanded, expandDocument } from '../core/sync/saved-document.ts'
import { platform } from './platform.ts'

interface DocumentRow {
  number: number
  id: string
}

export interface Checked {
  documents: number
  changes: number
}

type Report = (damage: string) => void

/** Each damage is reported in a sentence that names the document, and the row where it is one. Needs Automerge. */
export function checkStore(db: Database.Database, report: Report): Checked {
  const checked: Checked = { documents: 0, changes: 0 }
  for (const document of readAll(db, report)) {
    const tell: Report = (damage) => report(`document ${document.id}, ${damage}`)
    try {
      checked.changes += checkDocument(db, document, tell)
    } catch (error) {
      tell(`cannot be read: ${String(error)}`)
    }
    checked.documents += 1
  }
  return checked
}

function readAll(db: Database.Database, report: Report): DocumentRow[] {
  try {
    return db.prepare<[], DocumentRow>('select number, id from documents order by number').all()
  } catch (error) {
    report(`the list of documents cannot be read: ${String(error)}`)
    return []
  }
}

/** Returns how many changes were read. */
function checkDocument(db: Database.Database, { number, id }: DocumentRow, report: Report): number {
  if (!isDocumentId(id)) report('which is no id of a document')
  const graph = checkSnapshot(db, number, report)
  const tail = db.prepare<[number], { row: number; bytes: Buffer }>('select row, bytes from changes where document = ? order by row')
  let read = graph?.size ?? 0
  let last = read - 1
  let missing = false
  for (const { row, bytes } of tail.iterate(number)) {
    read += 1
    if (graph && row !== last + 1)
      report(`row ${last + 1}: ${row > last ? `is missing, and so is everything up to row ${row}` : 'is there twice'}`)
    last = row
    // Without a whole snapshot only each change by itself can be checked.
    const damage = checkChange(graph, bytes)
    if (damage === 'waits' && !missing)
      report(`row ${row}: depends on a change that is damaged or not there; the rows after it were not checked further`)
    else if (damage !== null && damage !== 'waits') report(`row ${row}: ${damage}`)
    missing ||= damage === 'waits'
  }
  checkCarried(db, number, graph, last + 1, report)
  return read
}

/** Who carried which changes: notes name rows that there are, each once, and people who did not make these changes. */
function checkCarried(db: Database.Database, number: number, graph: ChangeGraph | null, rows: number, report: Report): void {
  // A backup of an earlier relay has none.
  if (!db.prepare("select 1 from sqlite_schema where name = 'carried'").get()) return
  const notes = db.prepare<[number], { from: number; to: number; person: string }>(
    'select first_row as "from", last_row as "to", person from carried where document = ? order by first_row',
  )
  let end = 0
  for (const { from, to, person } of notes.iterate(number)) {
    const tell: Report = (damage) => report(`the note of who carried rows ${from} to ${to} ${damage}`)
    if (from > to || from < 0) tell('names no rows')
    else if (to >= rows) tell(`goes beyond the ${rows} that there are`)
    else if (from < end) tell('names some that another note names')
    else if (!isPersonKey(person)) tell('names nobody')
    else if (graph && graph.size > to && rowsBetween(from, to).some((row) => graph.authorAt(row) === person))
      tell('names the author of one')
    end = Math.max(end, to + 1)
  }
}

const rowsBetween = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)

/** What is wrong with a change; `waits` where that lies in another one. */
function checkChange(graph: ChangeGraph | null, bytes: Uint8Array): string | null {
  try {
    if (chunkKind(bytes) !== 'change') return 'is no change'
    const header = storedHeader(bytes, platform)
    if (!graph) return null
    if (graph.has(header.hash)) return 'is a change that an earlier row holds'
    const { refused, waiting } = graph.add([{ header, bytes }])
    return refused[0]?.error.message ?? (waiting.length > 0 ? 'waits' : null)
  } catch (error) {
    return (error as Error).message
  }
}

/** The graph of a document’s snapshot, empty where there is none, null where it is damaged. */
function checkSnapshot(db: Database.Database, number: number, report: Report): ChangeGraph | null {
  const find = db.prepare<[number], { rows: number; chunk: Buffer; headers: Buffer }>(
    'select rows, chunk, headers from snapshots where document = ?',
  )
  const snapshot = find.get(number)
  if (!snapshot) return new ChangeGraph()
  try {
    const listed = ChangeGraph.restore([snapshot.headers])
    const held = new ChangeGraph()
    addExpanded(held, expandDocument(snapshot.chunk), platform)
    const difference = differenceOf(listed, held, snapshot.rows)
    if (difference === null) return listed
    report(`snapshot: ${difference}`)
  } catch (error) {
    report(`snapshot: ${(error as Error).message}`)
  }
  return null
}

/** Where the list of a snapshot’s changes is not that of the changes in it. Their order may differ. */
function differenceOf(listed: ChangeGraph, held: ChangeGraph, rows: number): string | null {
  if (listed.size !== rows || held.size !== rows) return `lists ${listed.size} and holds ${held.size} changes instead of ${rows}`
  const plain = (header: ChangeHeader | undefined) => JSON.stringify(header && { ...header, deps: [...header.deps].sort() })
  for (let row = 0; row < rows; row++) {
    const header = listed.headerAt(row)
    if (plain(header) !== plain(held.header(header.hash))) return `lists a change at row ${row} that it does not hold like this`
  }
  return null
}
