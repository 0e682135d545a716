import { type Command, EditorState, TextSelection } from 'prosemirror-state'
import type { Block, BlockContent } from '../../../core/text/blocks.ts'
import { blocksOfNode, nodeOfBlocks } from '../convert.ts'

/**
 * Documents for tests of commands, one line a block: `ul/ol: text` is a numbered item in a bulleted one. `|` is the caret, two of them the
 * ends of a selection.
 */
const shortNames: Record<string, Pick<Block, 'type' | 'attrs'>> = {
  p: { type: 'paragraph', attrs: {} },
  h1: { type: 'heading', attrs: { level: 1 } },
  h2: { type: 'heading', attrs: { level: 2 } },
  quote: { type: 'blockquote', attrs: {} },
  ul: { type: 'unordered-list-item', attrs: {} },
  ol: { type: 'ordered-list-item', attrs: {} },
  task: { type: 'task-list-item', attrs: {} },
  done: { type: 'task-list-item', attrs: { checked: true } },
  code: { type: 'code-block', attrs: {} },
  hr: { type: 'divider', attrs: {} },
}

function blockOf(line: string): BlockContent {
  const [, path = '', text = ''] = /^([a-z0-9/]+):(?: (.*))?$/s.exec(line) ?? []
  const names = path.split('/')
  const { type, attrs } = shortNames[names.at(-1)!]!
  const parents = names.slice(0, -1).map((name) => shortNames[name]!.type)
  return { marker: { type, attrs, parents, isEmbed: type === 'divider' }, runs: text === '' ? [] : [{ text, marks: {} }] }
}

/** A state with the caret where the lines have it. */
export function stateOf(...lines: string[]): EditorState {
  const carets: number[] = []
  let start = 0
  const blocks = lines.map((line) => {
    const block = blockOf(line)
    const parts = block.runs
      .map(({ text }) => text)
      .join('')
      .split('|')
    let offset = 0
    for (const part of parts.slice(0, -1)) {
      offset += part.length
      carets.push(start + 1 + offset)
    }
    const text = parts.join('')
    start += text.length + 2
    return { ...block, runs: text === '' ? [] : [{ text, marks: {} }] }
  })
  const doc = nodeOfBlocks(blocks)
  const [anchor = 1, head = anchor] = carets
  return EditorState.create({ doc, selection: TextSelection.create(doc, anchor, head) })
}

/** A state as lines, with its caret. */
export function linesOf(state: EditorState): string[] {
  const { from, to } = state.selection
  let start = 0
  return blocksOfNode(state.doc).map(({ marker, runs }) => {
    const text = runs.map((run) => run.text).join('')
    const carets = [...new Set([from, to])].map((position) => position - start - 1).filter((offset) => offset >= 0 && offset <= text.length)
    start += text.length + 2
    const shown = carets.reduceRight((result, offset) => `${result.slice(0, offset)}|${result.slice(offset)}`, text)
    const names = [...marker!.parents.map(shortOf), nameOf(marker!)]
    return `${names.join('/')}:${shown === '' ? '' : ` ${shown}`}`
  })
}

const shortOf = (type: string) => Object.keys(shortNames).find((name) => shortNames[name]!.type === type) ?? type
const nameOf = ({ type, attrs }: Block) =>
  Object.keys(shortNames).find(
    (name) => shortNames[name]!.type === type && JSON.stringify(shortNames[name]!.attrs) === JSON.stringify(attrs),
  ) ?? type

/** The lines after a command; null where it does not apply. */
export function after(command: Command, ...lines: string[]): string[] | null {
  let state = stateOf(...lines)
  const isDone = command(state, (tr) => {
    state = state.apply(tr)
  })
  return isDone ? linesOf(state) : null
}
