import type { Command as EditorCommand, EditorState } from 'prosemirror-state'
import { type ColorName, colorNames } from '../../../core/text/blocks.ts'
import type { Command } from '../../app/commands.ts'
import { activeState, canRunInEditor, runInEditor } from '../active-editor.ts'
import { schema } from '../schema.ts'
import { insertBlock, isBlockActive, moveBlocks, setBlock, toggleBlock, toggleTask } from './blocks.ts'
import { clearMarks, isMarkActive, markValueAt, setMark, toggle } from './marks.ts'
import { indent, insertLineBreak, outdent } from './structure.ts'

/** A command that works on the text. The registry, the keymap, the toolbar and the slash menu all read these. */
export interface FormatCommand {
  readonly id: string
  readonly title: string
  readonly section: 'Format' | 'Insert' | 'Edit'
  readonly shortcut?: string
  readonly keywords?: string
  readonly editorCommand: EditorCommand
  readonly isActive?: (state: EditorState) => boolean
}

const block = (
  id: string,
  title: string,
  shortcut: string,
  type: string,
  attrs: Record<string, number> = {},
  keywords = '',
): FormatCommand => ({
  id: `format.${id}`,
  title,
  section: 'Format',
  shortcut,
  keywords,
  editorCommand: type === 'paragraph' ? setBlock(type) : toggleBlock(type, attrs),
  isActive: (state) => isBlockActive(state, type, attrs),
})

const mark = (name: string, title: string, shortcut: string, keywords = ''): FormatCommand => ({
  id: `format.${name}`,
  title,
  section: 'Format',
  shortcut,
  keywords,
  editorCommand: toggle(name),
  isActive: (state) => isMarkActive(state, name),
})

export const blockCommands: readonly FormatCommand[] = [
  block('paragraph', 'Paragraph', 'Mod-Alt-0', 'paragraph', {}, 'text plain body'),
  ...[1, 2, 3, 4, 5, 6].map((level) =>
    block(`heading-${level}`, `Heading ${level}`, `Mod-Alt-${level}`, 'heading', { level }, `h${level} title`),
  ),
  block('bullet-list', 'Bullet list', 'Mod-Shift-8', 'unordered-list-item', {}, 'unordered ul points'),
  block('ordered-list', 'Numbered list', 'Mod-Shift-7', 'ordered-list-item', {}, 'ordered ol'),
  block('task-list', 'Task list', 'Mod-Shift-9', 'task-list-item', {}, 'todo checklist checkbox'),
  block('quote', 'Quote', 'Mod-Shift-.', 'blockquote', {}, 'blockquote citation'),
  block('code-block', 'Code block', 'Mod-Alt-c', 'code-block', {}, 'pre fence monospace'),
]

export const markCommands: readonly FormatCommand[] = [
  mark('strong', 'Bold', 'Mod-b', 'strong'),
  mark('em', 'Italic', 'Mod-i', 'emphasis'),
  mark('underline', 'Underline', 'Mod-u'),
  mark('strikethrough', 'Strikethrough', 'Mod-Shift-x', 'struck delete'),
  mark('code', 'Code', 'Mod-e', 'inline monospace'),
  mark('superscript', 'Superscript', 'Mod-Alt-.', 'raised'),
  mark('subscript', 'Subscript', 'Mod-Alt-,', 'lowered'),
]

const named = (color: ColorName) => color[0]!.toUpperCase() + color.slice(1)

const colorCommands = (name: 'highlight' | 'color', title: string): FormatCommand[] => [
  ...colorNames.map(
    (color): FormatCommand => ({
      id: `format.${name}-${color}`,
      title: `${title}: ${named(color)}`,
      section: 'Format',
      shortcut: name === 'highlight' && color === 'yellow' ? 'Mod-Shift-h' : undefined,
      keywords: 'colour color mark',
      editorCommand: (state, dispatch) => setMark(name, markValueAt(state, name) === color ? null : { value: color })(state, dispatch),
      isActive: (state) => markValueAt(state, name) === color,
    }),
  ),
  {
    id: `format.${name}-none`,
    title: `${title}: None`,
    section: 'Format',
    keywords: 'colour color remove',
    editorCommand: setMark(name, null),
  },
]

const insertText =
  (text: string): EditorCommand =>
  (state, dispatch) => {
    if (!state.selection.$from.parent.inlineContent) return false
    dispatch?.(state.tr.insertText(text).scrollIntoView())
    return true
  }

const otherCommands: readonly FormatCommand[] = [
  {
    id: 'insert.non-breaking-space',
    title: 'Non-breaking space',
    section: 'Insert',
    shortcut: 'Mod-Shift-Space',
    keywords: 'nbsp hard',
    editorCommand: insertText('\u00A0'),
  },
  { id: 'format.clear', title: 'Clear formatting', section: 'Format', keywords: 'plain remove marks', editorCommand: clearMarks },
  { id: 'format.indent', title: 'Indent', section: 'Format', shortcut: 'Mod-]', keywords: 'nest deeper tab', editorCommand: indent },
  { id: 'format.outdent', title: 'Outdent', section: 'Format', shortcut: 'Mod-[', keywords: 'unnest lift', editorCommand: outdent },
  {
    id: 'format.toggle-task',
    title: 'Tick or untick task',
    section: 'Format',
    shortcut: 'Mod-Shift-Enter',
    keywords: 'done checkbox',
    editorCommand: toggleTask,
  },
  { id: 'edit.move-up', title: 'Move block up', section: 'Edit', shortcut: 'Alt-ArrowUp', keywords: 'line', editorCommand: moveBlocks(-1) },
  {
    id: 'edit.move-down',
    title: 'Move block down',
    section: 'Edit',
    shortcut: 'Alt-ArrowDown',
    keywords: 'line',
    editorCommand: moveBlocks(1),
  },
  {
    id: 'insert.divider',
    title: 'Divider',
    section: 'Insert',
    keywords: 'rule line hr separator',
    editorCommand: insertBlock(schema.nodes.divider!.create()),
  },
  {
    id: 'insert.line-break',
    title: 'Line break',
    section: 'Insert',
    shortcut: 'Shift-Enter',
    keywords: 'newline',
    editorCommand: insertLineBreak,
  },
]

export const formatCommands: readonly FormatCommand[] = [
  ...blockCommands,
  ...markCommands,
  ...colorCommands('highlight', 'Highlight'),
  ...colorCommands('color', 'Text colour'),
  ...otherCommands,
]

/** The keys of all format commands, for the editor's keymap. */
export const formatKeys: Record<string, EditorCommand> = Object.fromEntries(
  formatCommands.flatMap(({ shortcut, editorCommand }) => (shortcut ? [[shortcut, editorCommand] as const] : [])),
)

/** A format command as the palette and the menus show it. */
export function registered({ id, title, section, shortcut, keywords, editorCommand, isActive }: FormatCommand): Command {
  return {
    id,
    title,
    section,
    shortcut,
    keywords,
    isEnabled: () => canRunInEditor(editorCommand),
    isChecked: isActive && (() => isActiveNow(isActive)),
    run: () => void runInEditor(editorCommand),
  }
}

function isActiveNow(isActive: (state: EditorState) => boolean): boolean {
  const state = activeState.get()
  return state !== null && isActive(state)
}
