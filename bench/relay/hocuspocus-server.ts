/** The peer: Hocuspocus in memory, with nothing but its core. Prints its address when it listens. */
import { Server } from '@hocuspocus/server'

const server = new Server({ port: 0, address: '127.0.0.1', quiet: true })
await server.listen()
console.log(`Hocuspocus: ${server.webSocketURL}`)
