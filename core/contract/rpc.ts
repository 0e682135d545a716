/**
 * The engine contract over a `BytesPort`: CBOR messages, carried by birpc.
 *
 * Both ends keep three promises. Messages are handled in the order they were posted. A message that cannot be understood never ends the process:
 * a call gets an answer that says what was wrong, anything else is dropped. When the port closes, every call that waits is rejected
 * with `engine-gone`.
 */
import { createBirpc } from 'birpc'
import { Decoder, Encoder } from 'cbor-x'
import * as v from 'valibot'
import { asPalimpsestError, PalimpsestError } from '../errors.ts'
import type { CallName, EngineEvents, EngineHandlers, EventName, Params, RendererSession, Reply, Value } from './engine.ts'
import { parsers } from './parsers.ts'
import type { BytesPort } from './port.ts'

/** Largest message in either direction. Hosts should refuse larger ones before they are in memory. */
export const maxMessageBytes = 128 * 1024 * 1024

/** One served renderer. */
export interface ServedRenderer extends RendererSession {
  /** Ends the connection; the renderer sees the engine as gone. */
  close(): void
}

export interface ServeOptions {
  /** Names the session among those of one engine. */
  id: number
  /** Told of every fault of ours, with the call it happened in: the renderer only gets `internal`. */
  onFault: (error: PalimpsestError, call: string) => void
  /** Called once, when either side closed. */
  onClose: () => void
}

/** The renderer's end of a connection. */
export interface EngineConnection {
  /** Rejects with a `PalimpsestError`. */
  call<Name extends CallName>(name: Name, params: Params<Name>): Promise<Value<Name>>
  /** Returns a function that stops listening. */
  on<Name extends EventName>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void
  /** Resolves when the port has closed. */
  readonly closed: Promise<void>
  close(): void
}

type AnyReply = Reply<CallName>
type CallFunctions = Record<string, (params: unknown) => AnyReply>
type EventFunctions = Record<string, (event: unknown) => void>

/**
 * Answers calls that come through `port` from `handlers`. Parameters are parsed first: what does not fit is answered with `invalid`,
 * what is too long with `too-large`. A message that is no message, or longer than `maxMessageBytes`, closes the connection.
 */
export function serveEngine(port: BytesPort, handlers: EngineHandlers, options: ServeOptions): ServedRenderer {
  const session: ServedRenderer = {
    id: options.id,
    emit: (name, event) => {
      if (!rpc.$closed) rpc.$callEvent(name, event).catch((thrown) => options.onFault(asPalimpsestError(thrown), name))
    },
    close: () => port.close(),
  }
  const functions = new Proxy<CallFunctions>(
    {},
    {
      get: (_, name) => (params: unknown) => answer(handlers, String(name), params, session, options.onFault),
    },
  )
  const rpc = createBirpc<EventFunctions, CallFunctions, false>(functions, {
    ...channel(port, { whenTooLarge: tooLargeReply, whenGarbled: () => port.close() }),
    onGeneralError: (error, name) => {
      options.onFault(asPalimpsestError(error), name ?? 'message')
      return true
    },
  })
  port.onClose(() => {
    rpc.$close()
    options.onClose()
  })
  return session
}

/** Asks an engine through `port`. */
export function connectEngine(port: BytesPort): EngineConnection {
  const listeners = new Map<string, Set<(event: never) => void>>()
  const functions = new Proxy<EventFunctions>(
    {},
    {
      get: (_, name) => (event: unknown) => {
        for (const listener of [...(listeners.get(String(name)) ?? [])]) listener(event as never)
      },
    },
  )
  const rpc = createBirpc<CallFunctions, EventFunctions, false>(
    functions,
    channel(port, { whenTooLarge: refuseTooLarge, whenGarbled: () => port.close() }),
  )
  const closed = new Promise<void>((resolve) => {
    port.onClose(() => {
      rpc.$close(engineGone())
      resolve()
    })
  })
  return {
    call: (name, params) => ask(rpc, name, params),
    on: (name, listener) => listen(listeners, name, listener),
    closed,
    close: () => port.close(),
  }
}

async function answer(
  handlers: EngineHandlers,
  name: string,
  input: unknown,
  from: RendererSession,
  onFault: ServeOptions['onFault'],
): Promise<AnyReply> {
  try {
    if (!isCallName(name)) throw new PalimpsestError('invalid', `there is no call ${name.slice(0, 100)}`)
    // The parser and the handler of one name belong together, which the compiler cannot follow through a variable name.
    const handler = handlers[name] as (params: unknown, from: RendererSession) => Promise<Value<CallName>>
    return { ok: true, value: await handler(parse(name, input), from) }
  } catch (thrown) {
    const error = asPalimpsestError(thrown)
    if (error.code === 'internal') onFault(error, name)
    return { ok: false, error: { code: error.code, message: error.message, detail: error.detail } }
  }
}

const isCallName = (name: string): name is CallName => Object.hasOwn(parsers, name)

function parse(name: CallName, input: unknown): unknown {
  const result = v.safeParse(parsers[name], input, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = v.getDotPath(issue) ?? 'parameters'
  throw new PalimpsestError(issue.type === 'max_length' ? 'too-large' : 'invalid', `${name}: ${path}: ${issue.message.slice(0, 300)}`)
}

type AskingRpc = ReturnType<typeof createBirpc<CallFunctions, EventFunctions, false>>

async function ask<Name extends CallName>(rpc: AskingRpc, name: Name, params: Params<Name>): Promise<Value<Name>> {
  if (rpc.$closed) throw engineGone()
  const reply = (await rpc.$call(name, params)) as Reply<Name>
  if (reply.ok) return reply.value
  throw new PalimpsestError(reply.error.code, reply.error.message, { detail: reply.error.detail })
}

function listen<Name extends EventName>(
  listeners: Map<string, Set<(event: never) => void>>,
  name: Name,
  listener: (event: EngineEvents[Name]) => void,
): () => void {
  const set = listeners.get(name) ?? new Set()
  listeners.set(name, set)
  set.add(listener)
  return () => set.delete(listener)
}

const engineGone = () => new PalimpsestError('engine-gone', 'the engine stopped')

// ---------------------------------------------------------------- messages

const messageShape = v.variant('t', [
  v.object({
    t: v.literal('q'),
    i: v.optional(v.pipe(v.string(), v.maxLength(64))),
    m: v.string(),
    a: v.pipe(v.array(v.unknown()), v.length(1)),
  }),
  v.object({ t: v.literal('s'), i: v.pipe(v.string(), v.maxLength(64)), r: v.unknown() }),
])

/** What birpc sends: a question with method and arguments, or the answer to one. */
type Message = v.InferOutput<typeof messageShape>

const encoder = new Encoder({ tagUint8Array: false, useRecords: false })
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })

interface ChannelOptions {
  /** Gives what is sent in place of a message that is too long, or throws. */
  whenTooLarge: (message: Message) => Uint8Array
  whenGarbled: () => void
}

/** How birpc reads and writes the port. A call waits as long as the engine lives, so there is no timeout. */
function channel(port: BytesPort, { whenTooLarge, whenGarbled }: ChannelOptions) {
  return {
    post: (bytes: Uint8Array) => port.post(bytes),
    on: (receive: (message: Message) => void) =>
      port.onMessage((bytes) => {
        const message = readMessage(bytes)
        if (message) receive(message)
        else whenGarbled()
      }),
    serialize: (message: Message) => {
      const bytes = encoder.encode(message)
      return bytes.length <= maxMessageBytes ? bytes : whenTooLarge(message)
    },
    timeout: -1,
    proxify: false as const,
  }
}

/** Null for bytes that are no message of ours. */
function readMessage(bytes: Uint8Array): Message | null {
  if (bytes.length > maxMessageBytes) return null
  try {
    const result = v.safeParse(messageShape, decoder.decode(bytes))
    return result.success ? result.output : null
  } catch {
    return null // Not CBOR: the caller decides, there is nothing more to know.
  }
}

function refuseTooLarge(): never {
  throw new PalimpsestError('too-large', `a message is longer than ${maxMessageBytes} bytes`)
}

/** In place of an answer that is too long, one that says so. */
function tooLargeReply(message: Message): Uint8Array {
  if (message.t === 'q') return refuseTooLarge()
  const error = { code: 'too-large', message: `the answer is longer than ${maxMessageBytes} bytes` }
  return encoder.encode({ ...message, r: { ok: false, error } })
}
