import { type Command, commands, runCommand } from './commands.ts'

/** Shortcuts as ProseMirror's keymap writes them (`Mod-Shift-n`), for this platform: read, shown and listened for. */

const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

interface Shortcut {
  readonly key: string
  readonly mod: boolean
  readonly ctrl: boolean
  readonly alt: boolean
  readonly shift: boolean
}

function parse(shortcut: string): Shortcut {
  const parts = shortcut.split(/-(?!$)/)
  const key = parts.pop() ?? ''
  return { key, mod: parts.includes('Mod'), ctrl: parts.includes('Ctrl'), alt: parts.includes('Alt'), shift: parts.includes('Shift') }
}

/**
 * Whether a key event is the shortcut. With modifiers held, the key is read by its place too: Alt and Shift change what it types. AltGr, which
 * reports itself as Control and Alt, types letters.
 */
export function matchesShortcut(event: KeyboardEvent, shortcut: string, mac = isMac): boolean {
  const { key, mod, ctrl, alt, shift } = parse(shortcut)
  if (event.getModifierState('AltGraph')) return false
  if (event.altKey !== alt || event.shiftKey !== shift) return false
  if (event.metaKey !== (mac && mod) || event.ctrlKey !== (ctrl || (!mac && mod))) return false
  return event.key.toLowerCase() === key.toLowerCase() || event.code === codeOf(key)
}

function codeOf(key: string): string | undefined {
  if (/^[a-z]$/i.test(key)) return `Key${key.toUpperCase()}`
  if (/^[0-9]$/.test(key)) return `Digit${key}`
  return { ',': 'Comma', '.': 'Period', '\\': 'Backslash', '/': 'Slash' }[key]
}

const macSigns: Record<string, string> = {
  Mod: '⌘',
  Ctrl: '⌃',
  Alt: '⌥',
  Shift: '⇧',
  Enter: '↩',
  Backspace: '⌫',
  ArrowUp: '↑',
  ArrowDown: '↓',
}
const otherSigns: Record<string, string> = { Mod: 'Ctrl', ArrowUp: '↑', ArrowDown: '↓' }

/** As menus on this platform write it: `⇧⌘N`, or `Ctrl+Shift+N`. */
export function formatShortcut(shortcut: string, mac = isMac): string {
  const { key, mod, ctrl, alt, shift } = parse(shortcut)
  const held = [ctrl && 'Ctrl', alt && 'Alt', shift && 'Shift', mod && 'Mod'].filter((name) => name !== false)
  const shown = key.length === 1 ? key.toUpperCase() : key
  if (mac) return [...held.map((name) => macSigns[name] ?? name), macSigns[shown] ?? shown].join('')
  const order = ['Mod', 'Ctrl', 'Alt', 'Shift'].filter((name) => held.includes(name as 'Mod'))
  return [...order.map((name) => otherSigns[name] ?? name), otherSigns[shown] ?? shown].join('+')
}

/** Runs global commands by their shortcuts, before anything on the page sees the key. Returns a function that stops. */
export function listenForShortcuts(): () => void {
  const listen = (event: KeyboardEvent) => {
    const command = commands.get().find((candidate) => isMeant(candidate, event))
    if (!command || !runCommand(command.id)) return
    event.preventDefault()
    event.stopPropagation()
  }
  window.addEventListener('keydown', listen, { capture: true })
  return () => window.removeEventListener('keydown', listen, { capture: true })
}

const isMeant = ({ isGlobal, shortcut }: Command, event: KeyboardEvent) =>
  isGlobal === true && shortcut !== undefined && matchesShortcut(event, shortcut)
