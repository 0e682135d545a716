/**
 * A writer and a reader in each of many documents at one server, who write as fast as the readers receive. Takes its task as JSON from the command line, prints
 * `ready` when all have joined, starts at a line on its input, and prints a line when everything has arrived.
 */
import { once } from 'node:events'
import { hocuspocusPairs } from './hocuspocus-writers.ts'
import { palimpsestPairs } from './palimpsest-writers.ts'
import { stockPairs } from './stock-writers.ts'

export interface FloodTask {
  server: 'palimpsest' | 'hocuspocus' | 'automerge-repo'
  address: string
  documents: number
  /** In each document. */
  changes: number
}

/** The writer of one document, and the reader. */
export interface Pair {
  /** Sends the next change. */
  write(): void
  /** Called with the number of changes that have arrived. */
  onRead: (changes: number) => void
}

/** Changes of one document that may be on their way. */
const window = 20

const task = JSON.parse(process.argv[2] ?? '') as FloodTask
const open = { palimpsest: palimpsestPairs, hocuspocus: hocuspocusPairs, 'automerge-repo': stockPairs }[task.server]
const pairs = await open(task)
console.log('ready')
await once(process.stdin, 'data')
await Promise.all(pairs.map(flood))
process.stdout.write('done\n', () => process.exit(0))

function flood(pair: Pair): Promise<void> {
  let [sent, arrived] = [0, 0]
  return new Promise((resolve) => {
    const send = () => {
      while (sent < task.changes && sent - arrived < window) {
        sent += 1
        pair.write()
      }
    }
    pair.onRead = (changes) => {
      arrived += changes
      if (arrived >= task.changes) resolve()
      else send()
    }
    send()
  })
}
