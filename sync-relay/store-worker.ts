/**
 * The thread in which the store writes: a flush to a busy disk takes as long as it takes, and the live stream must not wait for it. Gets the file's name when it is
 * started; does one order after the other.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type PackedWrite, unpackWrite } from './packed-write.ts'
import { openFile, storingIn } from './sqlite-file.ts'

/** Store → worker. */
export type StoreOrder = { type: 'write'; writes: readonly PackedWrite[] } | { type: 'limit'; maxPages: number }

/** Worker → store, in answer to `write`. */
export type StoreReply = { ok: true } | { ok: false; code: string; message: string }

const db = openFile((workerData as { file: string }).file)
const store = storingIn(db)

function write(writes: readonly PackedWrite[]): StoreReply {
  try {
    store(writes.map(unpackWrite))
    return { ok: true }
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string }
    return { ok: false, code, message }
  }
}

parentPort?.on('message', (order: StoreOrder) => {
  if (order.type === 'limit') db.pragma(`max_page_count = ${order.maxPages}`)
  else parentPort?.postMessage(write(order.writes))
})
