import { Plugin } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { shell, tellShell } from '../client/shell.ts'
import { isAllowedLink, linkAt } from './commands/marks.ts'

/** Opens an address outside the app. Anything but https:, http: and mailto: is left alone. */
export function openLink(href: string): void {
  if (!isAllowedLink(href)) return
  if (shell) tellShell({ type: 'link.open', url: href })
  else window.open(href, '_blank', 'noopener,noreferrer')
}

/** Opens the link that was clicked, or pressed by a key, in a text to read. The browser itself would leave the app for it. */
export function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element && event.button !== rightButton ? event.target.closest('a[href]') : null
  if (!link) return
  event.preventDefault()
  openLink(link.getAttribute('href') ?? '')
}

const rightButton = 2

/** A link opens by a click with the platform's key held; a plain click puts the caret there. In a text to read a plain click does. */
export const linkClicks = (): Plugin =>
  new Plugin({
    props: {
      handleClick(view, position, event) {
        const link = event.ctrlKey || event.metaKey ? linkAt(view.state, position) : null
        if (!link || !view.editable) return false
        openLink(link.mark.attrs.href)
        return true
      },
      handleDOMEvents: { click: followInReading, auxclick: followInReading },
    },
  })

function followInReading(view: EditorView, event: MouseEvent): boolean {
  if (!view.editable) followLink(event)
  return event.defaultPrevented
}
