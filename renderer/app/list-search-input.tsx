import { type KeyboardEvent, useLayoutEffect, useRef } from 'react'
import { Input } from 'react-aria-components'

interface ListSearchInputProps {
  placeholder: string
  /** Enter, when the person has typed something and not walked the list since. */
  onChooseFirst(typed: string): void
}

const walkingKeys = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'])

/**
 * The field of a list that is searched: assistive technology is told that the list belongs to it, as arrow keys typed here walk the list. Has the focus as
 * soon as it is there. Enter takes the first that is found for what stands here now: the Autocomplete itself marks an item only a moment later, and
 * none after a letter was deleted.
 */
export function ListSearchInput({ placeholder, onChooseFirst }: ListSearchInputProps) {
  const hasWalked = useRef(false)
  const field = useRef<HTMLInputElement>(null)
  // The `autoFocus` of the field around this one may take a frame, in which keys would still go where the focus was.
  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), [])
  function onKey(event: KeyboardEvent<HTMLInputElement>) {
    const typed = event.currentTarget.value.trim()
    if (walkingKeys.has(event.key)) hasWalked.current = true
    if (event.key !== 'Enter' || hasWalked.current || typed === '' || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.stopPropagation()
    onChooseFirst(typed)
  }
  return (
    <Input
      ref={field}
      // oxlint-disable-next-line jsx-a11y/role-has-required-aria-props -- the Autocomplete around it gives the field its aria-controls
      role="combobox"
      aria-expanded="true"
      aria-haspopup="listbox"
      placeholder={placeholder}
      onKeyDownCapture={onKey}
      onInput={() => {
        hasWalked.current = false
      }}
    />
  )
}
