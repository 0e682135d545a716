/** A Chromium of our own, driven over a pipe: it ends by itself when this process dies. */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import type { CDPSession } from 'playwright-core'
import { chromiumArgs, findChromium } from '../../chromium.ts'

/** One target of the browser, or the browser itself. Commands and events are typed as Playwright's. */
export type Session = Pick<CDPSession, 'send' | 'on'>

export interface Chromium {
  readonly browser: Session
  /** Where Playwright can connect. */
  readonly endpoint: string
  session(id: string): Session
  /** Closes it and resolves when it is gone. */
  close(): Promise<void>
}

/** A browser that takes longer to close has nothing left that matters. */
const closeMs = 3_000

interface Message {
  id?: number
  sessionId?: string
  method?: string
  params?: unknown
  result?: unknown
  error?: { message: string }
}

export async function startChromium(profileDir: string): Promise<Chromium> {
  const program = findChromium()
  if (!program) throw new Error('No Chromium was found. Set PALIMPSEST_CHROMIUM to one.')
  const args = [
    ...chromiumArgs,
    '--headless',
    '--no-startup-window',
    '--remote-debugging-pipe',
    '--remote-debugging-port=0',
    `--user-data-dir=${profileDir}`,
  ]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] })
  const exited = new Promise<void>((gone) => child.once('exit', () => gone()))
  const endpoint = await readEndpoint(child)
  const { open } = connectPipe(child.stdio[3] as Writable, child.stdio[4] as Readable)
  const browser = open()
  return {
    browser,
    endpoint,
    session: open,
    async close() {
      // It closes the pipe instead of answering.
      void browser.send('Browser.close')
      const impatience = setTimeout(() => child.kill('SIGKILL'), closeMs)
      await exited
      clearTimeout(impatience)
    },
  }
}

function readEndpoint(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let output = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const match = /DevTools listening on (ws:\S+)/.exec(output)
      if (match?.[1]) found(match[1])
    })
    child.once('exit', () => failed(new Error(`Chromium ended at its start:\n${output}`)))
  })
}

/** Messages on the pipe are JSON, each ended by a zero byte. */
function connectPipe(output: Writable, input: Readable) {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const emitters = new Map<string, EventEmitter>()
  let lastId = 0
  let rest = ''

  input.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0')
    rest = messages.pop() ?? ''
    for (const message of messages) receive(JSON.parse(message) as Message)
  })
  // The browser is gone; whoever waits for it learns so from its exit.
  output.on('error', () => {})

  function receive({ id, sessionId = '', method, params, result, error }: Message) {
    if (id === undefined) return void emitters.get(sessionId)?.emit(method ?? '', params)
    const call = waiting.get(id)
    waiting.delete(id)
    if (error) call?.reject(new Error(error.message))
    else call?.resolve(result)
  }

  function open(sessionId?: string): Session {
    const emitter = new EventEmitter()
    emitters.set(sessionId ?? '', emitter)
    const send = (method: string, params: object = {}) =>
      new Promise((resolve, reject) => {
        waiting.set(++lastId, { resolve, reject })
        output.write(`${JSON.stringify({ id: lastId, method, params, sessionId })}\0`)
      })
    return { send, on: emitter.on.bind(emitter) } as unknown as Session
  }

  return { open }
}
