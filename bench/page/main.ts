import { initializeWasm } from '@automerge/automerge/slim'
import wasm from '@automerge/automerge/automerge.wasm?url'
import { TextSelection, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import 'prosemirror-view/style/prosemirror.css'
import './page.css'
import { open, palimpsest, savedDocument } from './palimpsest.ts'
import { automergeProseMirror, proseMirrorAlone, yProseMirror } from './peers.ts'
import { type Mount, positionAt, type Subject } from './subject.ts'

/**
 * The page that measures editors: the runner mounts one stack at a time and asks for samples, all in milliseconds.
 *
 * Before samples are taken some edits are made that do not count, because code that has not run before is slow, and then the garbage of all before is collected. What is collected
 * while samples are taken counts.
 */

const mounts = {
  palimpsest,
  'prosemirror-alone': proseMirrorAlone,
  'y-prosemirror': yProseMirror,
  '@automerge/prosemirror': automergeProseMirror,
} satisfies Record<string, Mount>

export type SubjectName = keyof typeof mounts

let subject: Subject | null = null

const mounted = (): Subject => {
  if (!subject) throw new Error('no editor is mounted')
  return subject
}

/** Resolves after the next frame has been painted: a message posted from an animation frame is handled after that frame's paint. */
function nextPaint(): Promise<void> {
  return new Promise((painted) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => painted()
      channel.port2.postMessage(null)
    })
  })
}

/** Rounds are taken from the start, the middle and the end of the document in turn. */
const places = [0.02, 0.5, 0.98]
/** Edits of each kind that do not count. */
const warmUp = 20

/** What a person does to the text. */
const edits = {
  letter: ({ state }: EditorView) => state.tr.insertText('x'),
  enter: ({ state }: EditorView, position: number) => state.tr.split(position),
  bold: ({ state }: EditorView, position: number) => state.tr.addMark(position, position + 20, state.schema.mark('strong')),
  remove({ state }: EditorView, position: number) {
    const at = state.doc.resolve(position)
    return state.tr.delete(at.before(1), at.after(1))
  },
}
export type Edit = Exclude<keyof typeof edits, 'letter'>

/** One edit's time until `dispatch` returns, and what the binding takes of it: the rest is ProseMirror and the layout that it asks for. */
interface Times {
  dispatch: number
  binding: number
}

function timeOf(tr: Transaction): Times {
  const { view, binding } = mounted()
  const before = binding?.taken ?? 0
  const start = performance.now()
  view.dispatch(tr)
  return { dispatch: performance.now() - start, binding: (binding?.taken ?? 0) - before }
}

const collectGarbage = () => (globalThis as { gc?: () => void }).gc?.()

const api = {
  /** Time until the editor stands on the page. */
  async mount(name: SubjectName, paragraphs: string[]): Promise<number> {
    const place = document.querySelector('main') as HTMLElement
    const start = performance.now()
    subject = await mounts[name](place, paragraphs)
    const time = performance.now() - start
    subject.view.focus()
    await nextPaint()
    return time
  },

  /** The bytes of a saved document. */
  save: (paragraphs: string[]): number[] => [...savedDocument(paragraphs)],

  /** Opens a saved document in Palimpsest's stack. */
  async openSaved(saved: number[]) {
    subject = open(document.querySelector('main') as HTMLElement, Uint8Array.from(saved))
    subject.view.focus()
    await nextPaint()
  },

  unmount() {
    subject?.destroy()
    subject = null
    document.querySelector('main')?.replaceChildren()
  },

  /** Puts the caret at a place of the text and shows it, as a person would before typing. */
  async goTo(fraction: number) {
    const { view } = mounted()
    const selection = TextSelection.create(view.state.doc, positionAt(view.state.doc, fraction))
    view.dispatch(view.state.tr.setSelection(selection).scrollIntoView())
    await nextPaint()
    await nextPaint()
  },

  /** Letters typed one a frame: time until `dispatch` returns, of that in the binding, and until the frame with the letter is painted. */
  async typeLetters(count: number): Promise<{ dispatch: number[]; binding: number[]; paint: number[] }> {
    const samples = { dispatch: [] as number[], binding: [] as number[], paint: [] as number[] }
    const type = async () => {
      await nextPaint()
      const start = performance.now()
      const { dispatch, binding } = timeOf(edits.letter(mounted().view))
      await nextPaint()
      return { dispatch, binding, paint: performance.now() - start }
    }
    await api.goTo(places[0]!)
    for (let index = 0; index < warmUp; index++) await type()
    collectGarbage()
    for (let index = 0; index < count; index++) {
      if (index % Math.ceil(count / places.length) === 0) await api.goTo(places[Math.floor((index * places.length) / count)] ?? 0.5)
      const { dispatch, binding, paint } = await type()
      samples.dispatch.push(dispatch)
      samples.binding.push(binding)
      samples.paint.push(paint)
    }
    return samples
  },

  /** Letters of somebody else in the middle of the text: time until the view shows each. */
  async receiveLetters(count: number): Promise<number[]> {
    const samples: number[] = []
    const { view, writeElsewhere } = mounted()
    if (!writeElsewhere) return samples
    for (let index = 0; index < count; index++) {
      await nextPaint()
      const before = view.state.doc
      const deliver = writeElsewhere([positionAt(before, 0.5)])
      const start = performance.now()
      deliver()
      samples.push(performance.now() - start)
      if (view.state.doc === before) throw new Error('the letter did not arrive in the view')
    }
    return samples
  },

  /**
   * Letters of somebody else, all delivered at once, in the middle of the text or from its start to its end: time until the view shows them, and what the library
   * under the binding takes of that where it can tell.
   */
  async receiveBatch(letters: number, isScattered: boolean): Promise<{ time: number; floor: number | null }> {
    const { view, writeElsewhere, receiveAlone } = mounted()
    if (!writeElsewhere) throw new Error('there is nobody else')
    const before = view.state.doc
    const deliver = writeElsewhere(Array.from({ length: letters }, (_, letter) => positionAt(before, isScattered ? letter / letters : 0.5)))
    const floor = receiveAlone?.() ?? null
    await nextPaint()
    const start = performance.now()
    deliver()
    const time = performance.now() - start
    if (view.state.doc.content.size < before.content.size + letters) throw new Error('the letters did not arrive in the view')
    return { time, floor }
  },

  /** Paragraphs pasted into the middle of the text: time until all is painted, and the longest wait for a frame meanwhile. */
  async paste(paragraphs: string[]): Promise<{ whole: number; frame: number }> {
    await api.goTo(0.5)
    const { view } = mounted()
    const size = view.state.doc.content.size + paragraphs.reduce((sum, text) => sum + text.length, 0)
    const start = performance.now()
    let last = start
    let frame = 0
    view.pasteText(paragraphs.join('\n\n'))
    do {
      await nextPaint()
      const now = performance.now()
      frame = Math.max(frame, now - last)
      last = now
    } while (view.state.doc.content.size < size)
    return { whole: last - start, frame }
  },

  /**
   * An edit made `count` times, one a frame, each at another place and taken back in a frame of its own: time until `dispatch` returns, of that in the binding, and what the library under the binding takes to
   * delete as much where it can tell.
   */
  async edit(kind: Edit, count: number): Promise<{ dispatch: number[]; binding: number[]; alone: number[] }> {
    const samples = { dispatch: [] as number[], binding: [] as number[], alone: [] as number[] }
    const { view, deleteAlone } = mounted()
    for (let index = -warmUp; index < count; index++) {
      await nextPaint()
      if (index === 0) collectGarbage()
      const fraction = 0.2 + (0.6 * (index + warmUp)) / (count + warmUp)
      const position = positionAt(view.state.doc, fraction)
      const length = view.state.doc.resolve(position).parent.content.size + 1
      const tr = edits[kind](view, position)
      const { dispatch, binding } = timeOf(tr)
      await nextPaint()
      view.dispatch(tr.steps.reduceRight((back, step, at) => back.step(step.invert(tr.docs[at]!)), view.state.tr))
      if (index < 0) continue
      samples.dispatch.push(dispatch)
      samples.binding.push(binding)
      if (kind === 'remove' && deleteAlone) samples.alone.push(deleteAlone(fraction, length))
    }
    return samples
  },
}

export type BenchPage = typeof api

await initializeWasm(new URL(wasm, location.href).href)
Object.assign(window, { bench: api })
document.body.dataset.ready = ''
