import { useEffect, useState } from 'react'

/** What is not the text fades while the person types, and comes back with the pointer or when the keys leave the text. */
export function useQuietWhileTyping(): boolean {
  const [isQuiet, setQuiet] = useState(false)
  useEffect(() => {
    const isText = (target: EventTarget | null) => target instanceof HTMLElement && target.closest('[aria-label="Document text"]') !== null
    const onInput = (event: Event) => isText(event.target) && setQuiet(true)
    const wake = () => setQuiet(false)
    document.addEventListener('beforeinput', onInput)
    document.addEventListener('pointermove', wake)
    document.addEventListener('focusin', wake)
    return () => {
      document.removeEventListener('beforeinput', onInput)
      document.removeEventListener('pointermove', wake)
      document.removeEventListener('focusin', wake)
    }
  }, [])
  return isQuiet
}
