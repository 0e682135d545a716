import { useStore } from '@nanostores/react'
import { Keyboard } from 'react-aria-components'
import { type Command, commands } from '../commands.ts'
import { DialogFrame } from '../controls.tsx'
import { formatShortcut } from '../shortcuts.ts'

/** Keys that belong to no command. */
const writingKeys: readonly (readonly [string, string])[] = [
  ['Choose what a line becomes', '/'],
  ['Leave the text, then Tab goes on', 'Escape'],
  ['Go to a message, or to the next part of the window', 'F6'],
]

/** Every command that has a shortcut, by what it is about. */
export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  const withShortcut = useStore(commands).filter(({ shortcut }) => shortcut !== undefined)
  const sections = [...new Set(withShortcut.map(({ section }) => section))]
  return (
    <DialogFrame title="Keyboard shortcuts" kind="shortcuts" onClose={onClose}>
      <div className="shortcut-sections">
        {sections.map((section) => (
          <ShortcutSection key={section} name={section} rows={rowsOf(withShortcut.filter((command) => command.section === section))} />
        ))}
        <ShortcutSection name="While writing" rows={writingKeys} />
      </div>
    </DialogFrame>
  )
}

const rowsOf = (shown: readonly Command[]) => shown.map(({ title, shortcut = '' }) => [title.replace(/…$/, ''), shortcut] as const)

function ShortcutSection({ name, rows }: { name: string; rows: readonly (readonly [string, string])[] }) {
  return (
    <section className="shortcut-section" aria-label={name}>
      <h3>{name}</h3>
      <dl>
        {rows.map(([title, shortcut]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>
              <Keyboard>{formatShortcut(shortcut)}</Keyboard>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
