import { DOMSerializer } from 'prosemirror-model'
import { useLayoutEffect, useMemo, useRef } from 'react'
import type { BlockContent } from '../../core/text/blocks.ts'
import { nodeOfBlocks } from './convert.ts'
import { schema } from './schema.ts'
import './editor.css'

interface ReadOnlyTextProps {
  blocks: readonly BlockContent[]
  label?: string
}

/** A text to read: a version, or what is shown while a document is loading. */
export function ReadOnlyText({ blocks, label = 'Text of this version' }: ReadOnlyTextProps) {
  const mount = useRef<HTMLElement>(null)
  const content = useMemo(() => DOMSerializer.fromSchema(schema).serializeFragment(nodeOfBlocks(blocks).content), [blocks])
  useLayoutEffect(() => mount.current?.replaceChildren(content), [content])
  return <article ref={mount} className="document-text" aria-label={label} />
}
