import type { Node } from 'prosemirror-model'
import type { Plugin } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/** One editor stack, mounted on a text of the benchmark's making. */
export interface Subject {
  view: EditorView
  /** Absent where there is none, and for one that does not write when its plugin's view is updated. */
  binding?: TimedBinding
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

/** Adds up the milliseconds that a binding's plugin takes to write what was dispatched. */
export class TimedBinding {
  taken = 0
  private isInside = false

  /** To be called before the plugin is used. */
  constructor({ spec }: Plugin) {
    const { view } = spec
    if (!view) throw new Error('a binding without a view')
    spec.view = (editor) => {
      const made = view(editor)
      return { ...made, update: (...given) => this.time(() => made.update?.(...given)) }
    }
  }

  /** One that dispatches what it made of the change is updated again meanwhile. */
  private time(update: () => void): void {
    if (this.isInside) return update()
    this.isInside = true
    const start = performance.now()
    try {
      update()
    } finally {
      this.taken += performance.now() - start
      this.isInside = false
    }
  }
}
