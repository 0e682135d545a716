import { InputRule, inputRules } from 'prosemirror-inputrules'
import type { Attrs, MarkType } from 'prosemirror-model'
import { type EditorState, type Plugin, TextSelection } from 'prosemirror-state'
import { setBlock } from './commands/blocks.ts'
import { pathOf } from './nesting.ts'
import { schema } from './schema.ts'

/**
 * What is typed as Markdown becomes what it means, and quotes and dashes become typographic. Backspace right after takes a rule back
 * and leaves the characters (`undoInputRule` in the keymap).
 */
export function markdownRules(isSmart: () => boolean): Plugin {
  return inputRules({ rules: [...blockRules, ...markRules, ...smartRules(isSmart)] })
}

// ---------------------------------------------------------------- blocks

/** `pattern` is matched against the block's text up to the caret. */
function blockRule(pattern: RegExp, type: string, attrs: (match: RegExpMatchArray, state: EditorState) => Attrs = () => ({})): InputRule {
  return new InputRule(pattern, (state, match, start, end) => {
    const block = state.selection.$from.parent
    if (block.type.name === type || block.type.name === 'image' || !block.type.spec.group) return null
    const prefixed = state.tr.delete(start, end)
    const cleared = state.apply(prefixed)
    let markup = null as typeof prefixed | null
    setBlock(type, attrs(match, state))(cleared, (tr) => {
      markup = tr
    })
    if (!markup) return null
    for (const step of markup.steps) prefixed.step(step)
    return prefixed
  })
}

/** The number that was typed, unless the list would count to it by itself. */
function startOf(typed: number, state: EditorState): Attrs {
  const { $from } = state.selection
  const index = $from.index(0)
  const previous = index > 0 ? state.doc.child(index - 1) : null
  const continues = previous !== null && pathOf(previous)[$from.parent.attrs.parents.length] === 'ordered-list-item'
  return continues || typed === 1 ? {} : { start: typed }
}

const divider = new InputRule(/^(?:---|–-|—-|\*\*\*|___)$/, (state, _match, start, end) => {
  const { $from } = state.selection
  if ($from.parent.type.spec.defining) return null
  const { parents } = $from.parent.attrs
  const rest = $from.parent.content.cut(end - $from.start())
  const blocks = [schema.nodes.divider!.create({ parents }), schema.nodes.paragraph!.create({ parents }, rest)]
  const tr = state.tr.replaceWith(start - 1, $from.after(1), blocks)
  return tr.setSelection(TextSelection.create(tr.doc, start + 2))
})

const blockRules = [
  divider,
  blockRule(/^(#{1,6})\s$/, 'heading', (match) => ({ level: match[1]!.length })),
  blockRule(/^\[([ xX]?)\]\s$/, 'task-list-item', (match) => ({ checked: match[1]!.toLowerCase() === 'x' })),
  blockRule(/^[-+*]\s$/, 'unordered-list-item'),
  blockRule(/^(\d{1,9})[.)]\s$/, 'ordered-list-item', (match, state) => startOf(Number(match[1]), state)),
  blockRule(/^>\s$/, 'blockquote'),
  blockRule(/^```([\w+#.-]*)\s$/, 'code-block', (match) => ({ language: match[1] })),
]

// ---------------------------------------------------------------- marks

/** `pattern` has the marked text as its first group; what stands before the opening sign is not part of the match. */
function markRule(pattern: RegExp, name: string): InputRule {
  const type: MarkType = schema.marks[name]!
  return new InputRule(
    pattern,
    (state, match, start, end) => {
      const text = match[1]!
      const signs = (match[0].length - text.length) / 2
      const { tr } = state
      // The last sign is the one being typed: it is not in the document yet.
      tr.delete(end - (signs - 1), end)
      tr.delete(start, start + signs)
      tr.addMark(start, start + text.length, type.create())
      return tr.removeStoredMark(type)
    },
    { inCodeMark: false },
  )
}

const markRules = [
  markRule(/(?<![*\w\\])\*\*([^*\s](?:[^*]*[^*\s])?)\*\*$/, 'strong'),
  markRule(/(?<![_\w\\])__([^_\s](?:[^_]*[^_\s])?)__$/, 'strong'),
  markRule(/(?<![*\w\\])\*([^*\s](?:[^*]*[^*\s])?)\*$/, 'em'),
  markRule(/(?<![_\w\\])_([^_\s](?:[^_]*[^_\s])?)_$/, 'em'),
  markRule(/(?<![`\\])`([^`]+)`$/, 'code'),
  markRule(/(?<![~\\])~~([^~\s](?:[^~]*[^~\s])?)~~$/, 'strikethrough'),
]

// ---------------------------------------------------------------- quotes and dashes

function smartRules(isSmart: () => boolean): InputRule[] {
  /** Replaces the characters from the first group on. */
  const smart = (pattern: RegExp, replacement: string) =>
    new InputRule(
      pattern,
      (state, match, start, end) => {
        if (!isSmart()) return null
        return state.tr.insertText(replacement, start + match[0].lastIndexOf(match[1]!), end)
      },
      { inCodeMark: false },
    )
  return [
    smart(/(?:^|[\s{[(<'"\u2018\u201C\u2013\u2014/])(")$/, '“'),
    smart(/(")$/, '”'),
    smart(/(?:^|[\s{[(<'"\u2018\u201C\u2013\u2014/])(')$/, '‘'),
    smart(/(')$/, '’'),
    smart(/(\.\.\.)$/, '…'),
    smart(/(–-)$/, '—'),
    smart(/(?<!-)(--)$/, '–'),
  ]
}
