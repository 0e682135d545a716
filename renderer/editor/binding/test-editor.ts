import type { Node } from 'prosemirror-model'
import { EditorState, type Plugin, type Transaction } from 'prosemirror-state'
import { inPieces } from '../long-edits/long-edits.ts'
import type { BoundView } from './plugin.ts'

/** An editor without a screen: an `EditorView`'s state, plugins and dispatch. */
export class TestEditor implements BoundView {
  state: EditorState
  private readonly views: { update?: (view: never, previous: EditorState) => void; destroy?: () => void }[] = []

  constructor(doc: Node, plugins: readonly Plugin[]) {
    this.state = EditorState.create({ doc, plugins: [...plugins] })
    for (const plugin of plugins) {
      const view = plugin.spec.view?.(this as never)
      if (view) this.views.push(view)
    }
  }

  dispatch(tr: Transaction): void {
    for (const piece of inPieces(this.state, tr)) this.apply(piece)
  }

  private apply(tr: Transaction): void {
    const previous = this.state
    this.state = previous.apply(tr)
    for (const view of this.views) view.update?.(this as never, previous)
  }

  destroy(): void {
    for (const view of this.views) view.destroy?.()
  }
}
