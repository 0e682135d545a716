import { toggleMark } from 'prosemirror-commands'
import type { Attrs, Mark, MarkType } from 'prosemirror-model'
import type { Command, EditorState } from 'prosemirror-state'
import { schema } from '../schema.ts'

const types = schema.marks as Record<string, MarkType>

/** Turns a mark without a value on or off. */
export const toggle = (name: string): Command => toggleMark(types[name]!)

/** Whether the mark is on the whole selection, or would be on what is typed next. */
export function isMarkActive({ doc, selection, storedMarks }: EditorState, name: string): boolean {
  const type = types[name]!
  const { from, to, empty, $from } = selection
  if (empty) return Boolean(type.isInSet(storedMarks ?? $from.marks()))
  let isMissing = false
  doc.nodesBetween(from, to, (node) => {
    if (node.isText && !type.isInSet(node.marks)) isMissing = true
    return !isMissing
  })
  return !isMissing
}

/** Puts a mark with a value on the selection, or on what is typed next; null takes it off. */
export function setMark(name: string, attrs: Attrs | null): Command {
  const type = types[name]!
  return (state, dispatch) => {
    const { from, to, empty } = state.selection
    if (empty && !state.selection.$from.parent.type.allowsMarkType(type)) return false
    const { tr } = state
    if (empty) attrs ? tr.addStoredMark(type.create(attrs)) : tr.removeStoredMark(type)
    else attrs ? tr.addMark(from, to, type.create(attrs)) : tr.removeMark(from, to, type)
    dispatch?.(tr)
    return true
  }
}

/** Value of a highlight or colour at the caret, or null. */
export function markValueAt({ selection, storedMarks }: EditorState, name: string): string | null {
  const mark = types[name]!.isInSet(storedMarks ?? selection.$from.marks()) ?? types[name]!.isInSet(selection.$to.marks())
  return mark ? String(mark.attrs.value) : null
}

/** Takes every mark off the selection. */
export const clearMarks: Command = (state, dispatch) => {
  const { from, to, empty } = state.selection
  if (empty) return false
  dispatch?.(state.tr.removeMark(from, to))
  return true
}

/** A stretch of text under one link. */
export interface LinkRange {
  readonly from: number
  readonly to: number
  readonly mark: Mark
}

/** The link around a position, over all the runs that carry it. */
export function linkAt(state: EditorState, position: number): LinkRange | null {
  const $at = state.doc.resolve(position)
  const { parent } = $at
  if (!parent.inlineContent) return null
  const link = types.link!
  const inside = parent.childAfter($at.parentOffset)
  const mark = (inside.node && link.isInSet(inside.node.marks)) ?? ($at.nodeBefore && link.isInSet($at.nodeBefore.marks))
  if (!mark) return null
  let index = inside.node && mark.isInSet(inside.node.marks) ? inside.index : $at.index() - 1
  while (index > 0 && mark.isInSet(parent.child(index - 1).marks)) index--
  let from = $at.start()
  for (let i = 0; i < index; i++) from += parent.child(i).nodeSize
  let to = from
  while (index < parent.childCount && mark.isInSet(parent.child(index).marks)) to += parent.child(index++).nodeSize
  return { from, to, mark }
}

/** Puts a link on a range; null takes it off. Without text of its own the address becomes the text. */
export function setLink(from: number, to: number, href: string | null): Command {
  return (state, dispatch) => {
    const { tr } = state
    const type = types.link!
    if (from === to && href !== null) tr.insertText(href, from)
    const end = from === to && href !== null ? from + href.length : to
    tr.removeMark(from, end, type)
    if (href !== null) tr.addMark(from, end, type.create({ href, title: '' }))
    dispatch?.(tr.removeStoredMark(type))
    return true
  }
}

const allowedProtocols = ['https:', 'http:', 'mailto:']

/** An address as it may be linked to, or null. What has no protocol gets one: `mailto:` where it has an at sign, else `https:`. */
export function linkAddress(text: string): string | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  const hasProtocol = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(trimmed)
  const address = hasProtocol ? trimmed : /^[^\s/@]+@[^\s/@]+$/.test(trimmed) ? `mailto:${trimmed}` : `https://${trimmed}`
  return isAllowedLink(address) ? address : null
}

/** Whether an address may stand in a document's link and be opened. */
export function isAllowedLink(href: string): boolean {
  return URL.canParse(href) && allowedProtocols.includes(new URL(href).protocol)
}
