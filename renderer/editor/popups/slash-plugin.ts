import { type EditorState, Plugin, PluginKey } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { blockCommands, type FormatCommand, formatCommands } from '../commands/format-commands.ts'
import { imageCommand } from '../images/insert-image.ts'

/**
 * The slash menu's state lives in the editor's, because the editor keeps the focus: it tells assistive technology which item is
 * current, and hands the menu the keys that are meant for it.
 */
export interface SlashState {
  /** Position of the slash. */
  readonly from: number
  readonly query: string
  readonly items: readonly FormatCommand[]
  readonly current: number
}

const key = new PluginKey<SlashState | null>('slash-menu')
export const slashListId = 'slash-menu'
export const slashItemId = ({ id }: FormatCommand) => `slash-menu-${id}`

const offered: readonly FormatCommand[] = [...blockCommands, ...formatCommands.filter(({ id }) => id === 'insert.divider'), imageCommand]

type SlashMeta = { open: number } | { current: number } | 'close'

export const slashState = (state: EditorState): SlashState | null => key.getState(state) ?? null

export function slashMenu(): Plugin {
  return new Plugin<SlashState | null>({
    key,
    state: {
      init: () => null,
      apply(tr, previous, _old, state) {
        const meta = tr.getMeta(key) as SlashMeta | undefined
        if (meta === 'close') return null
        if (meta && 'open' in meta) return read(state, meta.open, 0)
        if (meta && previous) return { ...previous, current: meta.current }
        if (!previous || (!tr.docChanged && !tr.selectionSet)) return previous
        return read(state, tr.mapping.map(previous.from, -1), tr.docChanged ? 0 : previous.current)
      },
    },
    props: {
      handleTextInput(view, from, to, text) {
        if (text !== '/' || from !== to || !opensAt(view.state, from)) return false
        view.dispatch(
          view.state.tr
            .insertText('/', from)
            .setMeta(key, { open: from } satisfies SlashMeta)
            .scrollIntoView(),
        )
        return true
      },
      handleKeyDown(view, event) {
        const state = slashState(view.state)
        return state !== null && state.items.length > 0 && handleKey(view, event, state)
      },
      handleDOMEvents: {
        blur: (view) => {
          closeSlashMenu(view)
          return false
        },
      },
      attributes(state): Record<string, string> {
        const menu = slashState(state)
        const current = menu?.items[menu.current]
        if (!menu || !current) return {}
        return { 'aria-autocomplete': 'list', 'aria-controls': slashListId, 'aria-activedescendant': slashItemId(current) }
      },
    },
  })
}

/** A slash means the menu at the start of a block and after a space, but not in code. */
function opensAt(state: EditorState, position: number): boolean {
  const $at = state.doc.resolve(position)
  if (!$at.parent.inlineContent || $at.parent.type.spec.code || $at.parent.type.name === 'image') return false
  const before = $at.parent.textBetween(0, $at.parentOffset, undefined, '\n')
  return before === '' || /\s$/.test(before)
}

/** The menu for what now stands between the slash and the caret; null when the caret or the slash went elsewhere. */
function read(state: EditorState, from: number, current: number): SlashState | null {
  const { $from, empty } = state.selection
  if (!empty || from < $from.start() || $from.pos <= from) return null
  const text = state.doc.textBetween(from, $from.pos, undefined, '\n')
  if (!text.startsWith('/')) return null
  const query = text.slice(1).toLowerCase()
  const items = itemsFor(query)
  if (query.endsWith(' ') && items.length === 0) return null
  return { from, query, items, current: Math.min(current, Math.max(0, items.length - 1)) }
}

/** Commands with a word that begins as typed: those where it is the title's first. */
function itemsFor(query: string): FormatCommand[] {
  const rank = ({ title, keywords }: FormatCommand) => {
    if (title.toLowerCase().startsWith(query)) return 0
    return `${title} ${keywords ?? ''}`
      .toLowerCase()
      .split(' ')
      .some((word) => word.startsWith(query))
      ? 1
      : 2
  }
  return offered.filter((item) => rank(item) < 2).sort((a, b) => rank(a) - rank(b))
}

function handleKey(view: EditorView, event: KeyboardEvent, { items, current }: SlashState): boolean {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false
  const move = (to: number) => {
    view.dispatch(view.state.tr.setMeta(key, { current: (to + items.length) % items.length } satisfies SlashMeta))
    return true
  }
  switch (event.key) {
    case 'ArrowDown':
      return move(current + 1)
    case 'ArrowUp':
      return move(current - 1)
    case 'Enter':
    case 'Tab':
      chooseSlashItem(view, items[current]!)
      return true
    case 'Escape':
      closeSlashMenu(view)
      return true
    default:
      return false
  }
}

export function closeSlashMenu(view: EditorView): void {
  if (slashState(view.state)) view.dispatch(view.state.tr.setMeta(key, 'close' satisfies SlashMeta))
}

/** Takes back what was typed and does what it chose. */
export function chooseSlashItem(view: EditorView, item: FormatCommand): void {
  const menu = slashState(view.state)
  if (!menu) return
  view.dispatch(view.state.tr.delete(menu.from, view.state.selection.from).setMeta(key, 'close' satisfies SlashMeta))
  item.editorCommand(view.state, view.dispatch, view)
  view.focus()
}
