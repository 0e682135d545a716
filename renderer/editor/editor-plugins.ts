import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import { history } from 'prosemirror-history'
import type { Plugin } from 'prosemirror-state'
import type { Settings } from '../../core/contract/engine.ts'
import { markdownRules } from './input-rules.ts'
import { tabKey, writingKeys } from './keymap.ts'

/** Everything an editor does by itself, in the order in which it is asked. `settings` is read when it is needed. */
export function editorPlugins(settings: () => Settings): Plugin[] {
  return [
    markdownRules(() => settings().smartPunctuation),
    tabKey(),
    writingKeys(),
    history({ newGroupDelay: 600 }),
    dropCursor({ color: false, class: 'drop-cursor', width: 2 }),
    gapCursor(),
  ]
}
