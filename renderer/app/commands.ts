import { atom, type ReadableAtom } from 'nanostores'

/**
 * Everything a person can do, by name. The palette, the menus, the shortcuts and the native menu all read this one registry, so they name the
 * same things the same way.
 */
export interface Command {
  /** `noun.verb`, as `document.new`; the native menu refers to it. */
  readonly id: string
  /** As it reads in a menu: *New document*. */
  readonly title: string
  readonly section: 'File' | 'Edit' | 'Format' | 'Insert' | 'View' | 'Go' | 'Share' | 'Help'
  /** As ProseMirror's keymap writes it: `Mod-Shift-n`. */
  readonly shortcut?: string
  /** Whether the shortcut is listened for on the window (otherwise the editor's keymap does it). */
  readonly isGlobal?: boolean
  /** Further words that the palette finds it by. */
  readonly keywords?: string
  readonly isEnabled?: () => boolean
  /** For what can be on or off. */
  readonly isChecked?: () => boolean
  run(): void | Promise<void>
}

const registry = atom<readonly Command[]>([])

/** All commands at present, in order of registration. */
export const commands: ReadableAtom<readonly Command[]> = registry

/** Adds commands; a command with the same id is replaced. Returns a function that removes them. */
export function registerCommands(added: readonly Command[]): () => void {
  const ids = new Set(added.map((command) => command.id))
  registry.set([...registry.get().filter((command) => !ids.has(command.id)), ...added])
  return () => registry.set(registry.get().filter((command) => !added.includes(command)))
}

/** Runs a command by id if it is there and enabled. Returns whether it ran. */
export function runCommand(id: string): boolean {
  const command = registry.get().find((candidate) => candidate.id === id)
  if (!command || command.isEnabled?.() === false) return false
  void command.run()
  return true
}
