import { useStore } from '@nanostores/react'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef } from 'react'
import type { OpenDocument } from '../documents/open-document.ts'
import { carryPlace, rebaseTitle } from './title-text.ts'

interface TitleFieldProps {
  document: OpenDocument
  isEditable: boolean
  /** Nothing was written in it yet. */
  isNew: boolean
  /** Enter and the arrow down at the end leave the title for the text. */
  onLeave(): void
}

/**
 * The title: one paragraph that grows with its words and holds no line breaks. Others may write it at the same time: the caret stays beside its letters, and a word that is being composed is
 * written when it is finished, since a field that is set anew would break it off.
 */
export function TitleField({ document, isEditable, isNew, onLeave }: TitleFieldProps) {
  const title = useStore(document.title)
  const field = useRef<HTMLTextAreaElement>(null)
  /** The title that the field was last set to, or that was read from it. */
  const known = useRef(title)
  const isComposing = useRef(false)

  const show = (shown: string, [from, to]: readonly [number, number]) => {
    const element = field.current
    known.current = shown
    if (!element || element.value === shown) return
    element.value = shown
    if (element.ownerDocument.activeElement === element) element.setSelectionRange(from, to)
  }

  useLayoutEffect(() => {
    const element = field.current
    if (!element || isComposing.current) return
    const carried = (place: number) => carryPlace(place, element.value, title)
    show(title, [carried(element.selectionStart), carried(element.selectionEnd)])
  }, [title])

  const write = () => {
    const element = field.current
    if (!element || isComposing.current) return
    const typed = element.value.replace(/\s*\n\s*/g, ' ')
    const place = element.selectionStart - element.value.length + typed.length
    const { title: written, place: caret } = rebaseTitle(known.current, typed, document.title.get(), place)
    if (written !== document.title.get()) document.setTitle(written)
    show(written, [caret, caret])
  }

  const compose = (isBegun: boolean) => {
    isComposing.current = isBegun
    write()
  }

  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    // Where `field-sizing` is not known the height follows the content by hand.
    if (CSS.supports('field-sizing', 'content')) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [title])

  // A new document is waiting for its name.
  useEffect(() => {
    if (isNew) field.current?.focus({ preventScroll: true })
  }, [isNew])

  const leaveOnKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const isAtEnd = event.currentTarget.selectionStart === event.currentTarget.value.length
    const leaves = event.key === 'Enter' || (event.key === 'ArrowDown' && isAtEnd)
    if (!leaves || event.nativeEvent.isComposing) return
    event.preventDefault()
    onLeave()
  }

  return (
    <textarea
      ref={field}
      className="document-title"
      aria-label="Title"
      dir="auto"
      placeholder="Untitled"
      rows={1}
      defaultValue={title}
      readOnly={!isEditable}
      onInput={write}
      onCompositionStart={() => compose(true)}
      onCompositionEnd={() => compose(false)}
      onBlur={() => compose(false)}
      onKeyDown={leaveOnKey}
    />
  )
}
