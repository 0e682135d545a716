import { DOMSerializer } from 'prosemirror-model'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import type { ComparedBlock, ComparedRun } from '../../core/history/compare.ts'
import type { BlockContent } from '../../core/text/blocks.ts'
import { nodeOfBlock } from './convert.ts'
import { followLink } from './open-link.ts'
import { schema } from './schema.ts'
import './editor.css'
import './changes.css'

interface ReadOnlyTextProps {
  blocks: readonly BlockContent[]
  /** With a comparison its blocks are shown instead: what was deleted in its old place, what was inserted and reformatted marked as such. */
  comparison?: readonly ComparedBlock[]
  label?: string
}

/** A text to read: a version, what changed between two, or what is shown while a document is loading. */
export function ReadOnlyText({ blocks, comparison, label = 'Text of this version' }: ReadOnlyTextProps) {
  const mount = useRef<HTMLElement>(null)
  const content = useMemo(() => (comparison ? comparison.map(drawCompared) : blocks.map(drawBlock)), [blocks, comparison])
  useLayoutEffect(() => mount.current?.replaceChildren(...content), [content])
  useEffect(() => {
    const article = mount.current
    article?.addEventListener('click', followLink)
    article?.addEventListener('auxclick', followLink)
    return () => {
      article?.removeEventListener('click', followLink)
      article?.removeEventListener('auxclick', followLink)
    }
  }, [])
  return <article ref={mount} className="document-text" aria-label={label} />
}

const serializer = DOMSerializer.fromSchema(schema)

const drawBlock = (block: BlockContent) => serializer.serializeNode(nodeOfBlock(block)) as HTMLElement

function drawCompared({ change, marker, runs }: ComparedBlock): HTMLElement {
  const dom = drawBlock({ marker, runs })
  if (change !== 'same') dom.dataset.change = change
  markRuns(dom, runs)
  return dom
}

/** Wraps the text of each changed run. The runs are those that the element was drawn from, in order. */
function markRuns(dom: HTMLElement, runs: readonly ComparedRun[]) {
  const pieces = textPieces(dom)
  for (const { text, change } of runs) {
    for (let rest = text.length; rest > 0; ) {
      const piece = pieces.shift()
      if (!piece) return
      const length = lengthOf(piece)
      if (piece instanceof Text && length > rest) pieces.unshift(piece.splitText(rest))
      rest -= Math.min(rest, length)
      if (change !== 'same') wrap(piece, change)
    }
  }
}

const lengthOf = (piece: Text | HTMLBRElement) => (piece instanceof Text ? piece.data.length : 1)

function textPieces(dom: HTMLElement): (Text | HTMLBRElement)[] {
  const pieces: (Text | HTMLBRElement)[] = []
  const walker = document.createTreeWalker(dom, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text || node instanceof HTMLBRElement) pieces.push(node)
  }
  return pieces
}

const elementOf = { inserted: 'ins', deleted: 'del', reformatted: 'span' } as const

function wrap(piece: Text | HTMLBRElement, change: keyof typeof elementOf) {
  const element = document.createElement(elementOf[change])
  element.dataset.change = change
  if (change === 'reformatted') element.title = 'Formatted otherwise'
  piece.replaceWith(element)
  element.append(piece)
}
