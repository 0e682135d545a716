import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import { history } from 'prosemirror-history'
import { search } from 'prosemirror-search'
import { Plugin } from 'prosemirror-state'
import type { Settings } from '../../core/contract/engine.ts'
import { blockHandle } from './block-handle.ts'
import { clipboard } from './clipboard.ts'
import { createCodeView } from './code-view.ts'
import { focusMode, typewriter } from './focus-mode.ts'
import { type ImageServices, images } from './images/insert-image.ts'
import { markdownRules } from './input-rules.ts'
import { tabKey, writingKeys } from './keymap.ts'
import { linkClicks } from './open-link.ts'
import { placeholder } from './placeholder.ts'
import { editProgress } from './long-edits/edit-progress.ts'
import { longEdits } from './long-edits/long-edits.ts'
import { linkRange } from './popups/link-range.ts'
import { slashMenu } from './popups/slash-plugin.ts'
import { scrollerOf } from './scroller.ts'
import { selectionInTime } from './selection-in-time.ts'
import { taskClicks } from './task-clicks.ts'

/** Everything an editor does by itself, in the order in which it is asked. `settings` is read when it is needed. */
export function editorPlugins(settings: () => Settings, services: ImageServices): Plugin[] {
  return [
    selectionInTime(),
    slashMenu(),
    markdownRules(() => settings().smartPunctuation),
    tabKey(),
    writingKeys(),
    images(services),
    clipboard(),
    longEdits(),
    editProgress(),
    linkClicks(),
    linkRange(),
    blockHandle(),
    taskClicks(),
    new Plugin({ props: { nodeViews: { 'code-block': createCodeView } } }),
    search(),
    focusMode(settings),
    typewriter(settings, scrollerOf),
    placeholder('Write here. Type / for headings, lists and more.'),
    history({ newGroupDelay: 600 }),
    dropCursor({ color: false, class: 'drop-cursor', width: 2 }),
    gapCursor(),
  ]
}
