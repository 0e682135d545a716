import './paste-progress.css'

/** Before this there is no need to say anything. */
const patienceMs = 500

/** Says above the text how far a long paste is, and offers to stop it. */
export class PasteProgress {
  private readonly dom: HTMLElement
  private readonly bar: HTMLProgressElement
  private since: number | null = null

  constructor(text: HTMLElement, stop: () => void) {
    this.dom = document.createElement('div')
    this.dom.className = 'paste-progress'
    this.dom.setAttribute('role', 'status')
    this.dom.hidden = true
    const words = document.createElement('label')
    words.textContent = 'Pasting '
    this.bar = document.createElement('progress')
    words.append(this.bar)
    const button = document.createElement('button')
    button.className = 'button'
    button.type = 'button'
    button.textContent = 'Stop'
    button.addEventListener('click', stop)
    this.dom.append(words, button)
    text.after(this.dom)
  }

  /** From 0 to 1, or null when nothing is being pasted. */
  show(done: number | null): void {
    // Writing to the page, even what is there already, would cost every keystroke.
    if (done === null && this.since === null) return
    this.since = done === null ? null : (this.since ?? performance.now())
    this.dom.hidden = this.since === null || performance.now() - this.since < patienceMs
    if (done !== null) this.bar.value = done
  }

  destroy(): void {
    this.dom.remove()
  }
}
