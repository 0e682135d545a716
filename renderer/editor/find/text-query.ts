import { Fragment, Slice } from 'prosemirror-model'
import { SearchQuery, type SearchResult } from 'prosemirror-search'
import type { EditorState } from 'prosemirror-state'

export interface TextQueryOptions {
  readonly search: string
  readonly replace: string
  readonly isCaseSensitive: boolean
  readonly isWholeWord: boolean
  readonly isRegularExpression: boolean
}

/**
 * What the find bar looks for. Words are looked for as a pattern too, because lower case may be longer than upper case (*İ*), which would move every match after
 * it; and they are put in the place of a match as they are, where a pattern's replacement may name its groups by `$1`. An empty match is none.
 */
export class TextQuery extends SearchQuery {
  readonly #isPattern: boolean

  constructor({ search, replace, isCaseSensitive, isWholeWord, isRegularExpression }: TextQueryOptions) {
    super({
      search: isRegularExpression ? search : search.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`),
      replace,
      caseSensitive: isCaseSensitive,
      wholeWord: isWholeWord,
      regexp: true,
      literal: !isRegularExpression,
      filter: (_, { from, to }) => to > from,
    })
    this.#isPattern = isRegularExpression
  }

  override getReplacements(state: EditorState, match: SearchResult) {
    if (this.#isPattern) return super.getReplacements(state, match)
    const { from, to } = match
    const marks = state.doc.resolve(from).marksAcross(state.doc.resolve(to))
    const insert = this.replace === '' ? Slice.empty : new Slice(Fragment.from(state.schema.text(this.replace, marks)), 0, 0)
    return [{ from, to, insert }]
  }
}
