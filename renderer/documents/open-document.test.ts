import * as A from '@automerge/automerge/slim'
import { describe, expect, test, vi } from 'vitest'
import type { EngineClient, EngineEvents } from '../../core/contract/engine.ts'
import { PalimpsestError } from '../../core/errors.ts'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import { createTextDocument } from '../../core/text/create.ts'
import type { TextDoc } from '../../core/text/document.ts'
import { TextEditor } from '../../core/text/edit.ts'
import { readText } from '../../core/text/read.ts'
import { openDocument } from './open-document.ts'

const id = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId
const author = 'ab'.repeat(32) as PersonKey
const block = { type: 'paragraph', parents: [], attrs: {}, isEmbed: false }

/** An engine with one document, in this process: it can be slow, refuse, die and come back with what it had made durable. */
class Engine {
  durable: TextDoc
  messages = 0
  /** Answers to changes wait here while it is set. */
  held: (() => void)[] | null = null
  refusal: PalimpsestError | null = null
  cannotOpen = false
  chunks: Uint8Array[] | null = null
  private isGone = false
  private readonly listeners = new Set<(event: EngineEvents['document.changes']) => void>()
  private readonly stateListeners = new Set<(state: 'connecting' | 'connected' | 'gone') => void>()

  constructor(text: string) {
    this.durable = createTextDocument({
      title: 'Title',
      margin: id,
      author,
      time: 0,
      blocks: [{ marker: block, runs: [{ text, marks: {} }] }],
    })
  }

  readonly client = {
    call: (name: string, params: { changes?: Uint8Array[] }) => this.answer(name, params.changes ?? []),
    on: (name: string, listener: (event: EngineEvents['document.changes']) => void) => {
      if (name === 'document.changes') this.listeners.add(listener)
      return () => this.listeners.delete(listener)
    },
    onState: (listener: (state: 'connecting' | 'connected' | 'gone') => void) => {
      this.stateListeners.add(listener)
      listener('connected')
      return () => this.stateListeners.delete(listener)
    },
  } as unknown as EngineClient

  /** Another window or another person writes, or several at the same time. */
  write(...edits: ((text: TextEditor) => void)[]): void {
    const before = A.getHeads(this.durable)
    const written = edits.map((edit) => A.change(A.clone(this.durable), (draft) => edit(new TextEditor(draft, this.durable))))
    this.durable = written.reduce((doc, other) => A.merge(doc, other))
    for (const listener of this.listeners) listener({ id, changes: A.getChangesSince(this.durable, before) })
  }

  die(): void {
    this.isGone = true
    this.held = null
    for (const listener of this.stateListeners) listener('gone')
  }

  comeBack(): void {
    this.isGone = false
    for (const listener of this.stateListeners) listener('connected')
  }

  private async answer(name: string, changes: Uint8Array[]): Promise<unknown> {
    if (this.isGone) throw new PalimpsestError('engine-gone', name)
    if (name === 'document.open' && this.cannotOpen) throw new PalimpsestError('internal', name)
    if (name === 'document.open')
      return { id, chunks: this.chunks ?? [A.save(this.durable)], author, role: 'owner', damage: null, place: null }
    if (name !== 'document.change') return null
    this.messages++
    if (this.refusal) throw this.refusal
    const { held } = this
    if (held) await new Promise<void>((resolve) => held.push(resolve))
    if (this.isGone) throw new PalimpsestError('engine-gone', name)
    this.durable = A.applyChanges(this.durable, changes)[0]
    return { heads: A.getHeads(this.durable) }
  }
}

/** Frames that end when the test says so. */
function frames() {
  let waiting: (() => void)[] = []
  return {
    wait: (over: () => void) => void waiting.push(over),
    async end() {
      const over = waiting
      waiting = []
      for (const each of over) each()
      await settled()
    },
  }
}

/** After everything that is only waiting for its turn. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

async function open(text = 'hello') {
  const engine = new Engine(text)
  const clock = frames()
  const document = await openDocument(engine.client, id, { waitForFrame: clock.wait })
  const type = (index: number, typed: string) =>
    document.handle.write(document, (doc) => new TextEditor(doc, doc).splice(index, 0, typed), { time: 0 })
  return { engine, document, type, frame: () => clock.end() }
}

describe('openDocument', () => {
  test('sends the first change at once and the rest of the frame in one message', async () => {
    const { engine, type, frame, document } = await open()
    type(1, 'a')
    await settled()
    expect(engine.messages).toBe(1)
    for (const letter of 'bcdef') type(1, letter)
    await settled()
    expect(engine.messages).toBe(1)
    await frame()
    expect(engine.messages).toBe(2)
    expect(readText(engine.durable)).toBe('fedcbahello')
    expect(document.saved.get()).toBe(true)
  })

  test('sends what is written in answer to a change, also where one from elsewhere was what made it told', async () => {
    const { engine, type, document, frame } = await open()
    document.handle.on('change', ({ patches }) => {
      if (patches.some((patch) => patch.action === 'splice' && patch.value === 'a')) type(1, 'b')
    })
    type(1, 'a')
    await settled()
    expect(readText(engine.durable)).toBe('ahello')
    engine.write((text) => text.splice(1, 0, 'X'))
    await frame()
    await frame()
    expect(readText(document.handle.doc())).toContain('b')
    expect(readText(engine.durable)).toBe(readText(document.handle.doc()))
  })

  test('is saved only when the engine has said so', async () => {
    const { engine, type, document } = await open()
    engine.held = []
    type(1, 'a')
    await settled()
    expect(document.saved.get()).toBe(false)
    engine.held[0]?.()
    await settled()
    expect(document.saved.get()).toBe(true)
  })

  test('applies what comes from the engine and does not send it back', async () => {
    const { engine, type, frame, document } = await open()
    engine.write((text) => text.splice(6, 0, '!'))
    await settled()
    type(1, '(')
    engine.write((text) => text.splice(6, 0, '?'))
    await frame()
    await frame()
    expect(readText(document.handle.doc())).toBe(readText(engine.durable))
    expect(readText(engine.durable)).toBe('(hello?!')
    expect(engine.messages).toBe(1)
  })

  test('holds what comes into the block in which the person composes a word, but not for ever', async () => {
    const { engine, frame, document } = await open()
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
    let composed: { from: number; to: number } | null = { from: 1, to: 6 }
    const release = document.holdAround(() => composed)
    const shown = async (index: number, text: string) => {
      engine.write((editor) => editor.splice(index, 0, text))
      await frame()
      await frame()
      return readText(document.handle.doc())
    }
    expect(await shown(6, '1')).toBe('hello')
    composed = null
    await frame()
    expect(readText(document.handle.doc())).toBe('hello1')
    composed = { from: 1, to: 7 }
    expect(await shown(6, '2')).toBe('hello1')
    clock.mockReturnValue(2500)
    await frame()
    expect(readText(document.handle.doc())).toBe('hello21')
    release()
    expect(await shown(6, '3')).toBe('hello321')
    clock.mockRestore()
  })

  test('applies what comes into another block while the person composes a word', async () => {
    const { engine, frame, document } = await open()
    engine.write((editor) => editor.splitBlock(6, block))
    await frame()
    await frame()
    document.holdAround(() => ({ from: 1, to: 6 }))
    engine.write(
      (editor) => editor.splice(3, 0, 'X'),
      (editor) => editor.splice(7, 0, 'other'),
    )
    await frame()
    await frame()
    expect(readText(document.handle.doc())).toBe('hello\nother')
  })

  test('shows a document of a newer schema, and changes nothing in it', async () => {
    const engine = new Engine('hello')
    engine.durable = A.change(engine.durable, (draft) => void Object.assign(draft, { schema: 2 }))
    const document = await openDocument(engine.client, id)
    expect(document.role).toBe('viewer')
    expect(readText(document.handle.doc())).toBe('hello')
    document.setTitle('Other')
    await settled()
    expect(document.title.get()).toBe('Title')
    expect(engine.messages).toBe(0)
  })

  test('carries the author in its changes', async () => {
    const { engine, type } = await open()
    type(1, 'a')
    await settled()
    const [change] = A.getChangesSince(engine.durable, []).slice(-1)
    expect(A.decodeChange(change!).author).toBe(author)
  })

  test('loses nothing when the engine dies with changes under way and others come', async () => {
    const { engine, type, frame, document } = await open()
    engine.held = []
    type(1, 'lost on the way ')
    await settled()
    engine.die()
    type(1, 'written alone ')
    await frame()
    expect(document.saved.get()).toBe(false)
    engine.write((text) => text.splice(6, 0, ' from elsewhere'))
    engine.comeBack()
    await frame()
    await settled()
    expect(document.saved.get()).toBe(true)
    expect(readText(engine.durable)).toBe('written alone lost on the way hello from elsewhere')
    expect(readText(document.handle.doc())).toBe(readText(engine.durable))
  })

  test('is not saved while the engine is gone, and keeps what it was closed with', async () => {
    const { engine, type, frame, document } = await open()
    engine.die()
    expect(document.saved.get()).toBe(true)
    type(1, 'written alone ')
    await frame()
    expect(document.saved.get()).toBe(false)
    const closing = document.close()
    await settled()
    engine.comeBack()
    await closing
    expect(document.saved.get()).toBe(true)
    expect(readText(engine.durable)).toBe('written alone hello')
  })

  test('asks again when the engine that came back did not open it', async () => {
    vi.useFakeTimers()
    try {
      const { engine, type, document } = await open()
      engine.die()
      type(1, 'written alone ')
      engine.cannotOpen = true
      engine.comeBack()
      await settled()
      expect(document.saved.get()).toBe(false)
      engine.cannotOpen = false
      await vi.advanceTimersByTimeAsync(2_000)
      expect(document.saved.get()).toBe(true)
      expect(readText(engine.durable)).toBe('written alone hello')
    } finally {
      vi.useRealTimers()
    }
  })

  test('can be taken back while its last changes are on their way', async () => {
    const { engine, type, frame, document } = await open()
    engine.held = []
    type(1, 'a')
    const closing = document.close()
    await settled()
    expect(document.reopen()).toBe(true)
    for (const answer of engine.held.splice(0)) answer()
    await closing
    engine.held = null
    engine.write((text) => text.splice(7, 0, '!'))
    await frame()
    expect(readText(document.handle.doc())).toBe('ahello!')
    await document.close()
    expect(document.reopen()).toBe(false)
  })

  test('has what is half done finished before it closes, and sends that', async () => {
    const { engine, type, document } = await open()
    document.beforeClose(() => type(1, 'all '))
    const end = document.beforeClose(() => type(1, 'not '))
    end()
    await document.close()
    expect(readText(engine.durable)).toBe('all hello')
  })

  test('opens from chunks in any order, and not without the first', async () => {
    const { engine, type } = await open()
    for (const letter of 'abc') type(1, letter)
    await settled()
    const chunks = A.getAllChanges(engine.durable).toReversed()
    const openFrom = (given: Uint8Array[]) => {
      engine.chunks = given
      return openDocument(engine.client, id)
    }
    expect(readText((await openFrom(chunks)).handle.doc())).toBe('cbahello')
    await expect(openFrom(chunks.slice(0, -1))).rejects.toMatchObject({ code: 'damaged' })
  })

  test('changes the title as a change of its own', async () => {
    const { engine, document } = await open()
    document.setTitle('New title')
    await settled()
    expect(document.title.get()).toBe('New title')
    expect(engine.durable.title).toBe('New title')
  })

  test('close waits until all is durable', async () => {
    const { engine, type, document } = await open()
    engine.held = []
    type(1, 'a')
    await settled()
    type(1, 'b')
    let isClosed = false
    const closing = document.close().then(() => {
      isClosed = true
    })
    await settled()
    expect(isClosed).toBe(false)
    for (const answer of engine.held) answer()
    await closing
    expect(readText(engine.durable)).toBe('bahello')
  })
})
