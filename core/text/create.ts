import * as A from '@automerge/automerge/slim'
import type { ActorId, DocumentId, PersonKey } from '../ids.ts'
import { documentUrl } from '../ids.ts'
import { type BlockContent, implicitParagraph } from './blocks.ts'
import type { MarginDocument, TextDoc, TextDocument } from './document.ts'
import { changeOptions, createSegment } from './edit.ts'
import { layOut } from './layout.ts'
import { backendOf } from './segments.ts'

/** Who makes a document's first change, and when. */
export interface Creation {
  author: PersonKey
  /** Milliseconds since 1970. */
  time: number
  /** Random when left out. */
  actor?: ActorId
}

/**
 * A text document with its first content, in one change. No blocks become one empty paragraph. A long text takes seconds; `onProgress` hears meanwhile
 * which share of it is written, from 0 to 1.
 */
export function createTextDocument(
  content: Creation & { title: string; margin: DocumentId; blocks: readonly BlockContent[] },
  onProgress: (share: number) => void = () => {},
): TextDoc {
  const blocks = content.blocks.length > 0 ? content.blocks : [{ marker: implicitParagraph, runs: [] }]
  return A.change(emptyDocument<TextDocument>(content), changeOptions(content), (draft) => {
    draft.schema = 1
    draft.title = content.title
    draft.margin = documentUrl(content.margin)
    draft.segments = []
    layOut(blocks).forEach((stretch, index, all) => {
      createSegment(backendOf(draft), index, stretch)
      onProgress((index + 1) / all.length)
    })
  })
}

/** The companion of a text document, in one change. */
export function createMarginDocument(creation: Creation): A.Doc<MarginDocument> {
  return A.change(emptyDocument<MarginDocument>(creation), changeOptions(creation), (draft) => {
    draft.schema = 1
    draft.threads = {}
    draft.versions = {}
  })
}

const emptyDocument = <T>({ author, actor }: Creation): A.Doc<T> => A.init<T>({ author, ...(actor === undefined ? {} : { actor }) })
