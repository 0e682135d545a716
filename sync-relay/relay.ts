/** The relay's program: reads its options, and says in one line when it listens. Logs go to the error output. */
import { parseArgs } from 'node:util'
import { destination, pino } from 'pino'
import { isRelayAddress } from '../core/protocol/share-link.ts'
import { loadAutomerge } from './automerge-wasm.ts'
import { createRelay } from './server.ts'

const usage = `Usage: palimpsest-relay [--port P] [--data-dir DIR] [--host H] [--address URL] [--trust-proxy] [--open]

  --port P        port to listen at (3030; 0 for any that is free)
  --data-dir DIR  where everything is kept (./relay-data)
  --host H        address to listen at (127.0.0.1; 0.0.0.0 for all, behind a proxy that speaks TLS)
  --address URL   under which writers reach it, where that is another: wss://relay.example.org
  --trust-proxy   believe the proxy's X-Forwarded-For about where writers come from
  --open          no sign-in and no roles: whoever reaches it and knows a document's id may read and write it
`

function readArguments() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3030' },
      'data-dir': { type: 'string', default: 'relay-data' },
      host: { type: 'string', default: '127.0.0.1' },
      address: { type: 'string' },
      'trust-proxy': { type: 'boolean', default: false },
      open: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values.port} is no port`)
  const publicAddress = values.address
  if (publicAddress !== undefined && !isRelayAddress(publicAddress)) throw new Error(`${publicAddress} is no ws: or wss: address`)
  return {
    port,
    dataDir: values['data-dir'],
    host: values.host,
    ...(publicAddress !== undefined && { publicAddress }),
    trustsProxy: values['trust-proxy'],
    isOpen: values.open,
    help: values.help,
  }
}

/** What a person can mend is said in one line. */
function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message: string }
  if (code === 'EADDRINUSE') return 'The port is in use. Choose another with --port.'
  if (code?.startsWith('SQLITE_BUSY')) return 'Another relay uses this data directory.'
  return message
}

async function main() {
  const options = readArguments()
  if (options.help) return console.log(usage)
  const log = pino({ level: process.env['LOG_LEVEL'] ?? 'info' }, destination(2))
  await loadAutomerge()
  const relay = await createRelay({ ...options, log })
  console.log(`Palimpsest relay: ${relay.address}`)
  if (relay.ownersInvite)
    console.log(`It has no owner yet. Who pastes this invite in Palimpsest (Settings, Relay) is: ${relay.ownersInvite}`)
  if (options.isOpen) console.log('It is open: whoever reaches it and knows a document’s id may read and write it.')
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await relay.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
}

main().catch((error: unknown) => {
  console.error(`palimpsest-relay: ${explain(error)}`)
  process.exitCode = 1
})
