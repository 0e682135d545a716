/** The peer: automerge-repo's `Repo` as a sync server, in memory. Prints its address, and the URL of the document of which the file is given. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Repo } from '@automerge/automerge-repo'
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket'
import { WebSocketServer } from 'ws'

const [file] = process.argv.slice(2)
const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })
await once(sockets, 'listening')
// The adapter's types are of another edition of the same library.
const adapter = new WebSocketServerAdapter(sockets as never)
const repo = new Repo({ network: [adapter], sharePolicy: async () => false })
const url = file === undefined ? '' : repo.import(readFileSync(file)).url
const { port } = sockets.address() as { port: number }
console.log(`ws://127.0.0.1:${port} ${url}`)
