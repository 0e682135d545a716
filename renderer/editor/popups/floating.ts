import { type RefObject, useLayoutEffect } from 'react'

/** Edges of what a popup belongs to, in the window. */
export interface Anchor {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const gapPx = 8
const marginPx = 8

/**
 * Keeps a popup beside its anchor, on the other side where the preferred one has no room, and inside the window. `anchorOf` is asked
 * again after each drawing and while anything scrolls.
 */
export function useFloating(popup: RefObject<HTMLElement | null>, side: 'above' | 'below', anchorOf: () => Anchor | null): void {
  useLayoutEffect(() => {
    const place = () => {
      // Where its anchor is makes the browser lay out the page: not asked for a popup that is not there.
      const anchor = popup.current && anchorOf()
      if (popup.current && anchor) placeBeside(popup.current, anchor, side)
    }
    place()
    window.addEventListener('scroll', place, { capture: true, passive: true })
    window.addEventListener('resize', place)
    return () => {
      window.removeEventListener('scroll', place, { capture: true })
      window.removeEventListener('resize', place)
    }
  })
}

function placeBeside(popup: HTMLElement, anchor: Anchor, side: 'above' | 'below') {
  const { offsetWidth: width, offsetHeight: height } = popup
  const above = anchor.top - height - gapPx
  const below = anchor.bottom + gapPx
  const fitsBelow = below + height <= window.innerHeight - marginPx
  const top = side === 'above' ? (above >= marginPx ? above : below) : fitsBelow || above < marginPx ? below : above
  const left = side === 'above' ? (anchor.left + anchor.right - width) / 2 : anchor.left
  popup.style.top = `${Math.round(top)}px`
  popup.style.left = `${Math.round(Math.min(Math.max(left, marginPx), window.innerWidth - width - marginPx))}px`
}
