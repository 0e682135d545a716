import { atom, type ReadableAtom } from 'nanostores'
import type { Node } from 'prosemirror-model'
import type { EditorState } from 'prosemirror-state'
import { activeState } from './active-editor.ts'

export interface TextCount {
  readonly words: number
  /** As a reader counts them: a letter with its accents is one. */
  readonly characters: number
}

const nothing: TextCount = { words: 0, characters: 0 }
const wordsOf = new Intl.Segmenter(undefined, { granularity: 'word' })
const charactersOf = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Blocks are never changed but replaced: what was counted once holds for as long as the block is there. */
const counted = new WeakMap<Node, TextCount>()

export function countText(text: string): TextCount {
  let words = 0
  for (const { isWordLike } of wordsOf.segment(text)) if (isWordLike) words++
  // Without anything beyond Latin letters every code unit is a character.
  const isSimple = /^[\u0000-\u02FF\u2010-\u2027]*$/.test(text)
  return { words, characters: isSimple ? text.length : [...charactersOf.segment(text)].length }
}

function countBlock(block: Node): TextCount {
  const known = counted.get(block)
  if (known) return known
  const count = countText(block.textBetween(0, block.content.size, undefined, '\n'))
  counted.set(block, count)
  return count
}

const sum = (counts: readonly TextCount[]): TextCount =>
  counts.reduce((total, { words, characters }) => ({ words: total.words + words, characters: total.characters + characters }), nothing)

/** Counts of a document. After an edit only the blocks that it replaced are counted again. */
export const countDocument = (doc: Node): TextCount =>
  sum(Array.from({ length: doc.childCount }, (_, index) => countBlock(doc.child(index))))

/** Counts of what is selected, or null when nothing is. */
export function countSelection({ doc, selection }: EditorState): TextCount | null {
  const { from, to, empty } = selection
  if (empty) return null
  const counts: TextCount[] = []
  doc.nodesBetween(from, to, (node, position) => {
    const start = Math.max(0, from - position - 1)
    const end = Math.min(node.content.size, to - position - 1)
    const isWhole = start === 0 && end === node.content.size
    counts.push(isWhole ? countBlock(node) : countText(node.textBetween(start, end, undefined, '\n')))
    return false
  })
  return sum(counts)
}

const counts = atom<{ all: TextCount; selected: TextCount | null } | null>(null)

/** Of the active document; follows the writer at a distance, when the page has time. */
export const textCounts: ReadableAtom<{ all: TextCount; selected: TextCount | null } | null> = counts

let isWaiting = false

function countSoon() {
  if (isWaiting) return
  isWaiting = true
  const count = () => {
    isWaiting = false
    const state = activeState.get()
    counts.set(state && { all: countDocument(state.doc), selected: countSelection(state) })
  }
  if ('requestIdleCallback' in window) requestIdleCallback(count, { timeout: 1000 })
  else setTimeout(count, 200)
}

activeState.listen(countSoon)
