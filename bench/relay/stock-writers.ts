import { setTimeout as wait } from 'node:timers/promises'
import { type DocHandle, Repo } from '@automerge/automerge-repo'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import type { FloodTask, Pair } from './flood.ts'

interface Letters {
  count: number
  text: string
}

/** Clients of automerge-repo: one for all writers, one for all readers. */
export async function stockPairs({ address, documents }: Pick<FloodTask, 'address' | 'documents'>): Promise<Pair[]> {
  const [writers, readers] = [client(address), client(address)]
  const mine = Array.from({ length: documents }, () => writers.create<Letters>({ count: 0, text: 'x' }))
  return Promise.all(mine.map(async (handle) => pairOf(handle, await find(readers, handle))))
}

const client = (address: string) => new Repo({ network: [new WebSocketClientAdapter(address)] })

/** The server says that it has no such document until it has come there. */
async function find(readers: Repo, { url }: DocHandle<Letters>): Promise<DocHandle<Letters>> {
  for (;;) {
    const found = await readers.find<Letters>(url).catch(() => null)
    if (found) return found
    await wait(50)
  }
}

function pairOf(mine: DocHandle<Letters>, theirs: DocHandle<Letters>): Pair {
  let seen = 0
  const pair: Pair = {
    write: () =>
      mine.change((draft) => {
        draft.count += 1
      }),
    onRead: () => {},
  }
  theirs.on('change', ({ doc }) => {
    const fresh = doc.count - seen
    seen = doc.count
    pair.onRead(fresh)
  })
  return pair
}
