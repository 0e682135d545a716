import { useSyncExternalStore } from 'react'

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => window.matchMedia(query).matches,
  )
}

/** Too narrow for columns beside the page: they are drawn over it. */
export const narrow = '(width < 900px)'
export const isNarrow = () => window.matchMedia(narrow).matches
