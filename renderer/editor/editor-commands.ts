import type { Command as EditorCommand } from 'prosemirror-state'
import type { Settings } from '../../core/contract/engine.ts'
import type { Command } from '../app/commands.ts'
import type { Session } from '../app/session.ts'
import { activeEditor, canRunInEditor, runInEditor } from './active-editor.ts'
import { formatCommands, registered } from './commands/format-commands.ts'
import { findCommands } from './find/find-commands.ts'
import { imageCommand } from './images/insert-image.ts'
import { editLink } from './popups/link-popover.tsx'
import { redo, undo } from './restored-versions.ts'

/** All commands that concern the text, for the registry. */
export function editorCommands(session: Session): Command[] {
  return [
    inEditor('edit.undo', 'Undo', 'Mod-z', undo),
    inEditor('edit.redo', 'Redo', 'Shift-Mod-z', redo),
    ...findCommands,
    ...formatCommands.map(registered),
    registered(imageCommand),
    {
      id: 'insert.link',
      title: 'Link…',
      section: 'Insert',
      shortcut: 'Mod-Shift-k',
      isGlobal: true,
      keywords: 'url address hyperlink',
      isEnabled: () => activeEditor.get()?.view.editable === true,
      run: editLink,
    },
    ...viewCommands(session),
  ]
}

const inEditor = (id: string, title: string, shortcut: string, command: EditorCommand): Command => ({
  id,
  title,
  section: 'Edit',
  shortcut,
  isEnabled: () => canRunInEditor(command),
  run: () => void runInEditor(command),
})

const focusTitles = { page: 'Focus on the page', paragraph: 'Focus on the paragraph', sentence: 'Focus on the sentence' } as const

/** What of the page is shown, and how. */
function viewCommands(session: Session): Command[] {
  const { settings } = session
  const change = (changed: Partial<Settings>) => void session.updateSettings(changed)
  const focus = (level: keyof typeof focusTitles): Command => ({
    id: `view.focus-${level}`,
    title: focusTitles[level],
    section: 'View',
    shortcut: level === 'page' ? 'Mod-Shift-d' : undefined,
    isGlobal: level === 'page',
    keywords: 'focus mode distraction free',
    isChecked: () => settings.get().focus === level,
    run: () => change({ focus: settings.get().focus === level ? 'off' : level }),
  })
  return [
    focus('page'),
    focus('paragraph'),
    focus('sentence'),
    {
      id: 'view.typewriter',
      title: 'Typewriter scrolling',
      section: 'View',
      keywords: 'steady line centre',
      isChecked: () => settings.get().typewriter,
      run: () => change({ typewriter: !settings.get().typewriter }),
    },
    {
      id: 'edit.smart-punctuation',
      title: 'Smart quotes and dashes',
      section: 'Edit',
      keywords: 'typographic punctuation',
      isChecked: () => settings.get().smartPunctuation,
      run: () => change({ smartPunctuation: !settings.get().smartPunctuation }),
    },
    {
      id: 'edit.spell-check',
      title: 'Check spelling',
      section: 'Edit',
      isChecked: () => settings.get().spellCheck,
      run: () => change({ spellCheck: !settings.get().spellCheck }),
    },
  ]
}
