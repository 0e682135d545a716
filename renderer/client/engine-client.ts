import type { EngineClient, EngineEvents, EventName } from '../../core/contract/engine.ts'
import type { BytesPort } from '../../core/contract/port.ts'
import { connectEngine, type EngineConnection } from '../../core/contract/rpc.ts'
import { PalimpsestError } from '../../core/errors.ts'

/**
 * An `EngineClient` that outlives its connection.
 *
 * The connection is made at once and again whenever it ends. What is under way when it ends is rejected with `engine-gone`, and so is a
 * call made while there is none: the engine forgets which documents a renderer had open, so a call that waited for the next
 * connection would arrive there without its document. Whoever needs to repeat something waits for `connected`.
 */
export interface ReconnectingClient extends EngineClient {
  /** Ends the connection and makes no other. */
  close(): void
}

type State = Parameters<Parameters<EngineClient['onState']>[0]>[0]
type AnyListener = (event: never) => void

const shortestWaitMs = 50
const longestWaitMs = 4_000

/** `onState` tells a new listener the present state at once. */
export function createEngineClient(connect: () => Promise<BytesPort>): ReconnectingClient {
  const listeners = new Map<EventName, Set<AnyListener>>()
  const stateListeners = new Set<(state: State) => void>()
  let state: State = 'connecting'
  let connection: EngineConnection | null = null
  let isClosed = false
  let waitMs = shortestWaitMs

  function enter(next: State) {
    state = next
    for (const listener of [...stateListeners]) listener(next)
  }

  function forward<Name extends EventName>(to: EngineConnection, name: Name) {
    to.on(name, (event) => {
      for (const listener of [...(listeners.get(name) ?? [])]) listener(event as never)
    })
  }

  async function keepConnected() {
    while (!isClosed) {
      try {
        const made = connectEngine(await connect())
        if (isClosed) return made.close()
        connection = made
        for (const name of listeners.keys()) forward(made, name)
        waitMs = shortestWaitMs
        enter('connected')
        await made.closed
      } catch (error) {
        console.warn('The engine cannot be reached', error)
      }
      connection = null
      if (isClosed) return
      enter('gone')
      await wait(waitMs)
      waitMs = Math.min(waitMs * 2, longestWaitMs)
      enter('connecting')
    }
  }

  void keepConnected()

  return {
    call(name, params) {
      if (connection) return connection.call(name, params)
      return Promise.reject(new PalimpsestError('engine-gone', `${name}: the engine is not connected`))
    },
    on<Name extends EventName>(name: Name, listener: (event: EngineEvents[Name]) => void) {
      let set = listeners.get(name)
      if (!set) {
        set = new Set()
        listeners.set(name, set)
        if (connection) forward(connection, name)
      }
      set.add(listener)
      return () => set.delete(listener)
    },
    onState(listener) {
      stateListeners.add(listener)
      listener(state)
      return () => stateListeners.delete(listener)
    },
    close() {
      isClosed = true
      connection?.close()
    },
  }
}

const wait = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs))
