import type { Command } from '../../app/commands.ts'
import { activeEditor } from '../active-editor.ts'
import { openFind, takeStep } from './find-state.ts'

const isOpen = () => activeEditor.get() !== null

const find = (id: string, title: string, shortcut: string, keywords: string, run: () => void): Command => ({
  id,
  title,
  section: 'Edit',
  shortcut,
  isGlobal: true,
  keywords,
  isEnabled: isOpen,
  run,
})

export const findCommands: readonly Command[] = [
  find('edit.find', 'Find in the document', 'Mod-f', 'search look for', () => openFind(false)),
  find('edit.replace', 'Find and replace', 'Mod-Alt-f', 'search substitute change', () => openFind(true)),
  find('edit.find-next', 'Next match', 'Mod-g', 'search', () => void takeStep('next')),
  find('edit.find-previous', 'Previous match', 'Mod-Shift-g', 'search', () => void takeStep('previous')),
]
