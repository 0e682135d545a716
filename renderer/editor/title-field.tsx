import { useStore } from '@nanostores/react'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef } from 'react'
import type { OpenDocument } from '../documents/open-document.ts'

interface TitleFieldProps {
  document: OpenDocument
  isEditable: boolean
  /** Nothing was written in it yet. */
  isNew: boolean
  /** Enter and the arrow down at the end leave the title for the text. */
  onLeave(): void
}

/** The title: one paragraph that grows with its words and holds no line breaks. */
export function TitleField({ document, isEditable, isNew, onLeave }: TitleFieldProps) {
  const title = useStore(document.title)
  const field = useRef<HTMLTextAreaElement>(null)

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
      value={title}
      readOnly={!isEditable}
      onChange={(event) => document.setTitle(event.target.value.replace(/\s*\n\s*/g, ' '))}
      onKeyDown={leaveOnKey}
    />
  )
}
