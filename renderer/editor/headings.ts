import { computed, type ReadableAtom } from 'nanostores'
import type { Node } from 'prosemirror-model'
import { activeState } from './active-editor.ts'

export interface Heading {
  readonly text: string
  readonly level: number
}

const none: readonly Heading[] = []
let latest = none

/** The headings of the active document, in order. Changes only when one of them does. */
export const headings: ReadableAtom<readonly Heading[]> = computed(activeState, (state) => {
  const found = state ? headingsOf(state.doc) : none
  if (!isSame(found, latest)) latest = found
  return latest
})

function headingsOf(doc: Node): Heading[] {
  const found: Heading[] = []
  doc.forEach((node) => {
    if (node.type.name === 'heading') found.push({ text: node.textContent, level: node.attrs.level })
  })
  return found
}

const isSame = (a: readonly Heading[], b: readonly Heading[]) =>
  a.length === b.length && a.every(({ text, level }, index) => text === b[index]!.text && level === b[index]!.level)

/** Position before the heading with this number, or null. */
export function positionOfHeading(doc: Node, number: number): number | null {
  let position: number | null = null
  let seen = 0
  doc.forEach((node, offset) => {
    if (node.type.name === 'heading' && seen++ === number) position = offset
  })
  return position
}
