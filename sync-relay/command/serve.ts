/** `serve`: the relay itself. Says in one line when it listens; logs go to the error output. */
import { setFlagsFromString } from 'node:v8'
import { destination, pino } from 'pino'
import { isRelayAddress } from '../../core/protocol/share-link.ts'
import { loadAutomerge } from '../automerge-wasm.ts'
import { defaultQuotas } from '../quotas.ts'
import { createRelay, type Relay } from '../server.ts'
import type { Arguments, Command } from './arguments.ts'
import { CommandError, explain } from './command-error.ts'
import { DataFolder, dataDirSetting, isBusy } from './data-folder.ts'
import { isUnfinished } from './restore.ts'

const megabyte = 1024 * 1024
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

export const serve: Command = {
  usage: '[serve]',
  summary: 'Runs the relay until it is told to stop (SIGTERM, or Ctrl-C).',
  settings: {
    port: { value: 'P', otherwise: '3030', help: 'port to listen at; 0 for any that is free' },
    'data-dir': dataDirSetting,
    host: { value: 'H', otherwise: '127.0.0.1', help: 'address to listen at; 0.0.0.0 for all,\nbehind a proxy that speaks TLS' },
    address: { value: 'URL', help: 'under which writers reach it, where that is another:\nwss://relay.example.org' },
    'trust-proxy': { help: 'believe the proxy’s X-Forwarded-For about where\nwriters come from' },
    open: { help: 'no sign-in and no roles: whoever reaches it and knows\na document’s id may read and write it' },
    'metrics-token': {
      value: 'SECRET',
      help: 'with which a monitor reads /metrics, as a bearer token;\nnobody may where it is not set. Rather set\nPALIMPSEST_RELAY_METRICS_TOKEN: others on the machine\nsee what is typed',
    },
    'max-documents': {
      value: 'N',
      otherwise: String(defaultQuotas.documents),
      help: 'documents of one person, margins and images counted',
    },
    'max-megabytes': { value: 'N', otherwise: String(defaultQuotas.bytes / megabyte), help: 'that the documents of one person may take' },
    'max-connections': { value: 'N', otherwise: String(defaultQuotas.connections), help: 'of one person at a time' },
    'max-messages': {
      value: 'N',
      otherwise: String(defaultQuotas.messagesPerSecond),
      help: 'that are read of one person in a second, in the long run',
    },
    'max-sockets': { value: 'N', otherwise: '500', help: 'of one address at a time; behind a proxy, set it there' },
    'log-level': { value: 'WORD', otherwise: process.env['LOG_LEVEL'] ?? 'info', help: logLevels.join(', ') },
  },
  async run(given) {
    const log = pino({ level: given.choice('log-level', logLevels) }, destination(2))
    const options = { ...readOptions(given), log }
    // A thousand clients who come at once would have V8 grow its nursery to 50 MB, which it then keeps.
    setFlagsFromString('--semi-space-growth-factor=1')
    // So small a nursery is emptied in the time that it takes to wake the threads that would help with it.
    setFlagsFromString('--no-parallel-scavenge')
    // Everything that is written is for this user alone.
    process.umask(0o077)
    await loadAutomerge()
    const relay = await startRelay(options)
    try {
      new DataFolder(options.dataDir).noteAddress(relay.address)
    } catch (error) {
      // On a full disk, say. Only `invite` and `stats` miss it.
      log.warn({ error: explain(error).line }, 'the address could not be noted')
    }
    announce(relay, options.isOpen)
    stopWhenTold(relay)
    return null
  },
}

function readOptions(given: Arguments) {
  const publicAddress = given.text('address')
  if (publicAddress !== undefined && !isRelayAddress(publicAddress))
    throw new CommandError('usage', `--address: ${publicAddress} is no ws: or wss: address`)
  const metricsToken = given.text('metrics-token')
  if (metricsToken !== undefined && !/^[\x21-\x7e]{16,200}$/.test(metricsToken))
    throw new CommandError('usage', 'the metrics token must have 16 to 200 letters, digits or signs')
  return {
    port: given.number('port', 0, 65_535),
    dataDir: given.text('data-dir') ?? '',
    host: given.text('host') ?? '',
    ...(publicAddress !== undefined && { publicAddress }),
    ...(metricsToken !== undefined && { metricsToken }),
    trustsProxy: given.isOn('trust-proxy'),
    isOpen: given.isOn('open'),
    quotas: {
      documents: given.number('max-documents', 1, 1e9),
      bytes: given.number('max-megabytes', 1, 1e9) * megabyte,
      connections: given.number('max-connections', 1, 1e6),
      messagesPerSecond: given.number('max-messages', 1, 1e6),
    },
    limits: { socketsPerAddress: given.number('max-sockets', 1, 1e6) },
  }
}

async function startRelay(options: Parameters<typeof createRelay>[0]): Promise<Relay> {
  if (isUnfinished(options.dataDir))
    throw new CommandError('folder', `Restoring into ${options.dataDir} was cut short. Run restore again, or empty the folder.`)
  try {
    return await createRelay(options)
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (isBusy(error)) throw new CommandError('folder', `Another relay is running on ${options.dataDir}.`, error)
    if (['EEXIST', 'ENOTDIR', 'EACCES', 'EROFS', 'SQLITE_CANTOPEN'].includes(code))
      throw new CommandError('folder', `${options.dataDir} cannot be used as the data folder (${(error as Error).message}).`, error)
    throw error
  }
}

/** In one piece, so that whoever waits for the first line has the others too. */
function announce(relay: Relay, isOpen: boolean): void {
  const lines = [`Palimpsest relay: ${relay.address}`]
  if (relay.ownersInvite)
    lines.push(`It has no owner yet. Whoever pastes this invite in Palimpsest (Settings, Relay) becomes its owner: ${relay.ownersInvite}`)
  if (isOpen) lines.push('It is open: whoever reaches it and knows a document’s id may read and write it.')
  console.log(lines.join('\n'))
}

function stopWhenTold(relay: Relay): void {
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    await relay.close()
    process.exit(0)
  }
  // The last one is what a terminal sends when it is closed.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void stop())
}
