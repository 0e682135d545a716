/**
 * One writer with everything that stands between two people: a document as a window holds it, the engine, its disk, and the connection to the relay. Takes its
 * task as JSON from the command line; prints the share link once (or `ready`), starts at a line on its input, and prints what it sent and received with times.
 */
import { once } from 'node:events'
import * as A from '@automerge/automerge/slim'
import { createPortPair } from '../../core/contract/memory-port.ts'
import { connectEngine } from '../../core/contract/rpc.ts'
import type { TextDocument } from '../../core/text/document.ts'
import { loadAutomerge } from '../../main/engine/automerge-wasm.ts'
import { createEngine } from '../../main/engine/engine.ts'

export interface WriterTask {
  dataDir: string
  relay: string
  /** The document to open; without it a new one is shared. */
  link?: string
  everyMs: number
  durationMs: number
}

/** Marks with milliseconds on a clock that all processes share. */
export interface WriterResult {
  sent: [mark: string, at: number][]
  received: [mark: string, at: number][]
}

const task = JSON.parse(process.argv[2] ?? '') as WriterTask
const now = () => performance.timeOrigin + performance.now()
const markOf = (change: Uint8Array) => Buffer.from(change.subarray(4, 8)).toString('hex')

await loadAutomerge()
const engine = await createEngine({ dataDir: task.dataDir, version: '0', log: { info: () => {}, error: console.error } })
const [ours, theirs] = createPortPair()
engine.accept(theirs)
const client = connectEngine(ours)
await client.call('settings.update', { relay: task.relay })

const id = task.link
  ? (await client.call('share.open', { link: task.link })).id
  : (await client.call('document.create', { folder: null, title: 'Bench' })).id
const { chunks, author } = await client.call('document.open', { id })
let doc = A.loadIncremental(A.init<TextDocument>(), Buffer.concat(chunks))
A.getBackend(doc).setAuthor(author)
const { sent, received }: WriterResult = { sent: [], received: [] }
client.on('document.changes', ({ changes }) => {
  doc = A.applyChanges(doc, changes)[0]
  const at = now()
  for (const change of changes) received.push([markOf(change), at])
})

if (!task.link) await client.call('share.create', { id })
console.log(task.link ? 'ready' : (await client.call('share.link', { id, role: 'editor' })).link)
await once(process.stdin, 'data')
const typing = setInterval(type, task.everyMs)
setTimeout(() => {
  clearInterval(typing)
  process.stdout.write(`${JSON.stringify({ sent, received } satisfies WriterResult)}\n`, () => process.exit(0))
}, task.durationMs)

function type(): void {
  const at = now()
  const end = doc.segments[0]?.text.length ?? 0
  doc = A.change(doc, (draft) => A.splice(draft, ['segments', 0, 'text'], end, 0, 'a'))
  const change = A.getLastLocalChange(doc) as Uint8Array
  sent.push([markOf(change), at])
  void client.call('document.change', { id, changes: [change] })
}
