/**
 * A program that is killed: writes `0 1 2 …` into a document, each number in a change of its own, and says on its output which of them is durable.
 * Started with the data folder and the document's id; without an id it makes a document and says so.
 */
import { writeSync } from 'node:fs'
import type { DocumentId } from '../../../core/ids.ts'
import { loadAutomerge } from '../automerge-wasm.ts'
import { createEngine } from '../engine.ts'
import { connect, OpenText } from './open-text.ts'

const [, , dataDir = '', known] = process.argv
const say = (line: string) => writeSync(1, `${line}\n`)

await loadAutomerge()
const log = { info: () => {}, error: (message: string, error?: Error) => say(`error ${message}: ${error?.message}`) }
const engine = await createEngine({
  dataDir,
  version: '0.0.0',
  welcome: false,
  log,
  compaction: { maxIncrementalFiles: 6, minSnapshotBytes: 3000 },
})
const client = connect(engine)
const id = (known as DocumentId | undefined) ?? (await client.call('document.create', { folder: null })).id
say(`document ${id}`)
const text = await OpenText.open(client, id)
for (let number = text.text.split(' ').length - 1; ; number++) {
  await text.type(`${number} `)
  say(`durable ${number}`)
}
