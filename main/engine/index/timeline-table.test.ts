import { expect, it } from 'vitest'
import { newDocumentId } from '../identity.ts'
import { temporaryFolder } from '../testing/test-engine.ts'
import { openIndexDatabase } from './database.ts'
import { DocumentNumbers } from './document-numbers.ts'
import { GraphTable } from './graph-table.ts'
import { TimelineTable } from './timeline-table.ts'

it('what was counted is not taken for other rows after the graph was written anew', () => {
  const { database, close } = openIndexDatabase(temporaryFolder())
  const numbers = new DocumentNumbers(database)
  const [table, graphs] = [new TimelineTable(database, numbers), new GraphTable(database, numbers)]
  const id = newDocumentId()
  table.write(id, [], 0, Uint32Array.of(1, 0, 2, 0))
  table.write(id, [], 2, Uint32Array.of(3, 1))
  expect(table.counts(id).counts).toEqual(Uint32Array.of(1, 0, 2, 0, 3, 1))
  graphs.begin(id, Uint8Array.of(1), [])
  table.write(id, [], 3, Uint32Array.of(4, 0))
  expect(table.counts(id).counts).toEqual(new Uint32Array())
  close()
})
