/**
 * The vocabulary of the text: what a block and a mark can be.
 *
 * A document's text is flat: a sequence of characters and block markers. A marker opens a block that lasts until the next
 * marker. Nesting is not structure but a value: `parents` names the containers a block stands in, outermost first, as in
 * Automerge's published rich text schema (https://automerge.org/docs/reference/under-the-hood/rich-text-schema/). So every
 * sequence of blocks is a valid document, whatever a merge makes of it, and an edit to one block never touches another.
 */

/** Blocks this version knows. Any other `type` is kept, shown as such and not edited. */
export const blockTypes = [
  'paragraph',
  'heading',
  'blockquote',
  'unordered-list-item',
  'ordered-list-item',
  'task-list-item',
  'code-block',
  'divider',
  'image',
] as const
export type BlockType = (typeof blockTypes)[number]

/** What may stand in `parents`. */
export const containerTypes = ['blockquote', 'unordered-list-item', 'ordered-list-item', 'task-list-item'] as const
export type ContainerType = (typeof containerTypes)[number]

export type AttributeValue = string | number | boolean | null
export type Attributes = { readonly [name: string]: AttributeValue }

/**
 * A block marker, as it is stored.
 *
 * | type | attrs |
 * | --- | --- |
 * | `heading` | `level` 1 to 6 |
 * | `ordered-list-item` | `start`, present where the numbering restarts |
 * | `task-list-item` | `checked` |
 * | `code-block` | `language`, may be empty |
 * | `image` | `src` (`automerge:` URL of an attachment or `https:`), `alt`, `title`, `width` in px; its text is the caption |
 * | `divider` | none; `isEmbed` |
 */
export interface Block {
  readonly type: string
  /** Outermost first. */
  readonly parents: readonly string[]
  readonly attrs: Attributes
  /** True for a block that normally has no text of its own: `divider` and `image`. */
  readonly isEmbed: boolean
}

/** Whether typing at the end of a marked run continues it (`after`) or not (`none`). */
export type MarkExpand = 'after' | 'none'

/** Marks this version knows, in their order of nesting (outermost first), with what each does at its end. Values are `true` unless said otherwise. */
export const markExpand = {
  /** Value: JSON `{"href": string, "title": string}`, as Automerge's rich text schema has it. */
  link: 'none',
  /** Value: a colour name of the palette, as `yellow`. */
  highlight: 'after',
  /** Value: a colour name of the palette. */
  color: 'after',
  strong: 'after',
  em: 'after',
  underline: 'after',
  strikethrough: 'after',
  superscript: 'after',
  subscript: 'after',
  code: 'none',
} as const satisfies Record<string, MarkExpand>
export type MarkType = keyof typeof markExpand

/** Names of the text and highlight colours; the theme gives each its value. */
export const colorNames = ['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'gray'] as const
export type ColorName = (typeof colorNames)[number]

export type MarkValue = string | number | boolean
/** The marks on a run of text, by name. */
export type MarkSet = { readonly [name: string]: MarkValue }
export const noMarks: MarkSet = Object.freeze({})

/** Both must have their names in the same order. */
export const sameMarks = (a: MarkSet, b: MarkSet): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/** A run of characters with the same marks. A line break inside a block is `\n`. */
export interface TextRun {
  readonly text: string
  readonly marks: MarkSet
}

/** One block with its text: the unit in which the flat sequence is read. `marker` is null only for text before the first marker. */
export interface BlockContent {
  readonly marker: Block | null
  readonly runs: readonly TextRun[]
}

/** What text before the first marker is shown as. */
export const implicitParagraph: Block = { type: 'paragraph', parents: [], attrs: {}, isEmbed: false }
