import type { Node } from 'prosemirror-model'
import type { EditorView } from 'prosemirror-view'

/** One editor stack, mounted on a text of the benchmark's making. */
export interface Subject {
  view: EditorView
  /**
   * Has somebody else write letters, one change each, at positions of the ProseMirror document, in ascending order. Returns what delivers them all: when that returns,
   * they are in the view. Absent where there is no other.
   */
  writeElsewhere?(positions: readonly number[]): () => void
  /** Milliseconds that the library under the binding takes for what `writeElsewhere` last wrote, with no view. Asked for before it is delivered. */
  receiveAlone?(): number
  /** Milliseconds that the library takes to delete `length` characters `fraction` of the way through a copy, with no view. */
  deleteAlone?(fraction: number, length: number): number
  destroy(): void
}

/** Mounts a stack on paragraphs of plain text. */
export type Mount = (place: HTMLElement, paragraphs: string[]) => Promise<Subject>

/** A position inside the text of the block that is `fraction` of the way through the document. */
export function positionAt(doc: Node, fraction: number): number {
  const index = Math.min(doc.childCount - 1, Math.floor(doc.childCount * fraction))
  let position = 0
  for (let child = 0; child < index; child++) position += doc.child(child).nodeSize
  return position + 1 + Math.floor(doc.child(index).content.size / 2)
}
