import './edit-progress.css'
import { Plugin } from 'prosemirror-state'
import { stop } from './long-edits.ts'
import { sizesIn, type Task, taskKey, workOfAll } from './task.ts'

/** Before this there is no need to say anything. */
const patienceMs = 500

const words: Record<Task['kind'], string> = {
  paste: 'Pasting',
  delete: 'Deleting',
  write: 'Writing',
  undo: 'Undoing',
  redo: 'Redoing',
}

/** Says above the text how far a long edit is, and offers to stop it, as Escape does. */
export const editProgress = (): Plugin =>
  new Plugin({
    props: {
      handleKeyDown(view, event) {
        if (event.key !== 'Escape' || !taskKey.getState(view.state)) return false
        stop(view)
        return true
      },
    },
    view(view) {
      const progress = new EditProgress(view.dom, () => {
        stop(view)
        view.focus()
      })
      return {
        update() {
          const task = taskKey.getState(view.state)
          if (task) progress.show(words[task.kind], 1 - workOfAll(task.rest, sizesIn(view.state)) / task.total)
          else progress.hide()
        },
        destroy: () => progress.destroy(),
      }
    },
  })

class EditProgress {
  private readonly dom: HTMLElement
  private readonly word: Text
  private readonly bar: HTMLProgressElement
  private since: number | null = null

  constructor(text: HTMLElement, stop: () => void) {
    this.dom = document.createElement('div')
    this.dom.className = 'edit-progress'
    this.dom.setAttribute('role', 'status')
    this.dom.hidden = true
    this.word = document.createTextNode('')
    this.bar = document.createElement('progress')
    const label = document.createElement('label')
    label.append(this.word, this.bar)
    const button = document.createElement('button')
    button.className = 'button'
    button.type = 'button'
    button.textContent = 'Stop'
    button.addEventListener('click', stop)
    this.dom.append(label, button)
    text.after(this.dom)
  }

  /** `share` is from 0 to 1. */
  show(word: string, share: number): void {
    this.since ??= performance.now()
    this.dom.hidden = performance.now() - this.since < patienceMs
    if (this.word.data !== word) this.word.data = word
    this.bar.value = share
  }

  hide(): void {
    // Writing to the page, even what is there already, would cost every keystroke.
    if (this.since === null) return
    this.since = null
    this.dom.hidden = true
  }

  destroy(): void {
    this.dom.remove()
  }
}
