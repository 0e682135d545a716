/** The parts of the window, in the order in which F6 goes through them. */
const regions = 'nav.sidebar, main.desk, aside.margin'

/** What takes the keys in a part that was not used yet, the first that is there. */
const entrances = [
  '[role="treegrid"] [role="row"][tabindex="0"], [role="listbox"] [role="option"][tabindex="0"]',
  '[role="treegrid"][tabindex="0"], [role="listbox"][tabindex="0"]',
  '[role="textbox"][contenteditable="true"]',
  'nav button, a, button, [tabindex="0"]',
]

/**
 * F6 goes from one part of the window to the next (the library, the text, the panel beside it), Shift+F6 back: Tab belongs to the text. A message takes F6
 * first, which its own region listens for. Returns a function that stops.
 */
export function listenForRegions(): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.key !== 'F6' || event.defaultPrevented || document.querySelector('[aria-modal="true"], dialog[open]')) return
    const parts = [...document.querySelectorAll<HTMLElement>(regions)]
    const here = parts.findIndex((part) => part.contains(document.activeElement))
    const step = event.shiftKey ? parts.length - 1 : 1
    const next = parts[(here < 0 ? 0 : here + step) % parts.length]
    const entrance = next && entranceOf(next)
    if (!entrance) return
    event.preventDefault()
    entrance.focus()
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}

function entranceOf(part: HTMLElement): HTMLElement | null {
  for (const selector of entrances) {
    const found = [...part.querySelectorAll<HTMLElement>(selector)].find((element) => element.checkVisibility())
    if (found) return found
  }
  return null
}
