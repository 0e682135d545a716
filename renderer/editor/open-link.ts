import { Plugin } from 'prosemirror-state'
import { shell, tellShell } from '../client/shell.ts'
import { isAllowedLink, linkAt } from './commands/marks.ts'

/** Opens an address outside the app. Anything but https:, http: and mailto: is left alone. */
export function openLink(href: string): void {
  if (!isAllowedLink(href)) return
  if (shell) tellShell({ type: 'link.open', url: href })
  else window.open(href, '_blank', 'noopener,noreferrer')
}

/** A link opens by a click with the platform's key held; a plain click puts the caret there. */
export const linkClicks = (): Plugin =>
  new Plugin({
    props: {
      handleClick(view, position, event) {
        const link = event.ctrlKey || event.metaKey || !view.editable ? linkAt(view.state, position) : null
        if (!link) return false
        openLink(link.mark.attrs.href)
        return true
      },
    },
  })
