/**
 * The web host: the same engine and page as the desktop app, behind a loopback address, for machines without Electron's runtime.
 * `host.js [--port P] [--data-dir DIR] [--no-open]`
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { defaultDataDir } from '../host/data-dir.ts'
import { describeStartFailure } from '../host/start-failure.ts'
import { superviseEngine } from '../host/supervisor.ts'
import { version } from '../host/version.ts'
import { forkEngine } from './engine-child.ts'
import { lastPort, rememberPort } from './last-port.ts'
import { openBrowser } from './open-browser.ts'
import { startWebServer } from './server.ts'

const built = (path: string) => fileURLToPath(new URL(path, import.meta.url))

interface Options {
  /** Null for the one of the last start, or any free one. */
  port: number | null
  dataDir: string
  open: boolean
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, 'data-dir': { type: 'string' }, 'no-open': { type: 'boolean', default: false } },
  })
  const port = values.port === undefined ? null : readPort(values.port)
  // As a variable that is not set leaves it. It would mean the folder that the terminal is in.
  if (values['data-dir'] === '') throw new Error('--data-dir takes a folder, and got none')
  return { port, dataDir: resolve(values['data-dir'] ?? defaultDataDir()), open: !values['no-open'] }
}

function readPort(value: string): number {
  const port = value === '' ? Number.NaN : Number(value)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port takes a number from 0 to 65535, not ${value}`)
  return port
}

async function start({ port, dataDir, open }: Options) {
  const supervisor = superviseEngine({
    dataDir,
    version,
    spawn: (launch) => forkEngine(built('../engine/process.js'), launch),
    onReady(child, restarted) {
      // Whoever started this host as a child process learns which process holds the data.
      process.send?.({ enginePid: child.pid })
      if (restarted) console.error('The engine was started again. Nothing that was saved is lost.')
    },
    onDeath: () => console.error('The engine died.'),
  })
  const stop = () => void supervisor.stop().then(() => process.exit())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  process.once('disconnect', stop)
  try {
    const listening = startWebServer({
      ports: port === null ? [...lastPort(dataDir), 0] : [port],
      folder: built('../renderer'),
      onRenderer: (socket, headers) =>
        void supervisor.ready().then((child) => {
          if (!socket.destroyed) child.upgrade(socket, headers)
        }),
    })
    // The browser opens and loads the page while the engine reads the library; the page's socket waits for it.
    const [{ address, port: taken }] = await Promise.all([listening, supervisor.holding])
    // Not before the folder is ours.
    if (port === null) rememberPort(dataDir, taken)
    // Whoever started this host as a child process may open the page itself.
    process.send?.({ address })
    if (open) openBrowser(address)
    await supervisor.started
    console.log(`Palimpsest: ${address}`)
  } catch (thrown) {
    await supervisor.stop()
    throw thrown
  }
}

function fail(sentence: string) {
  console.error(sentence)
  process.exit(1)
}

let options: Options | null = null
try {
  options = readOptions()
  await start(options)
} catch (thrown) {
  if (options === null) fail((thrown as Error).message)
  else if ((thrown as NodeJS.ErrnoException).code === 'EADDRINUSE')
    fail(`Port ${options.port} is taken by another program. Choose one with --port.`)
  else fail(describeStartFailure(thrown, options.dataDir))
}
