import { expect, it } from 'vitest'
import { newDocumentId } from '../identity.ts'
import { temporaryFolder } from '../testing/test-engine.ts'
import { openIndexDatabase } from './database.ts'
import { openTables } from './tables.ts'

it('what was counted is not taken for other rows after the graph was written anew', () => {
  const { tables, close } = openIndexDatabase(temporaryFolder(), { openTables })
  const { timelines: table, graphs } = tables
  const id = newDocumentId()
  table.write(id, [], 0, Uint32Array.of(1, 0, 2, 0))
  table.write(id, [], 2, Uint32Array.of(3, 1))
  expect(table.counts(id).counts).toEqual(Uint32Array.of(1, 0, 2, 0, 3, 1))
  graphs.begin(id, Uint8Array.of(1), [])
  table.write(id, [], 3, Uint32Array.of(4, 0))
  expect(table.counts(id).counts).toEqual(new Uint32Array())
  close()
})
