import { useStore } from '@nanostores/react'
import { Check } from 'lucide-react'
import { Keyboard, Menu, MenuItem, MenuSection } from 'react-aria-components'
import { type Command, commands, runCommand } from './commands.ts'
import { formatShortcut } from './shortcuts.ts'

interface CommandMenuProps {
  label: string
  /** Ids of commands, in sections. What is not registered is left out. */
  groups: readonly (readonly string[])[]
}

/** A menu of commands, named and enabled as everywhere else. */
export function CommandMenu({ label, groups }: CommandMenuProps) {
  const all = useStore(commands)
  const sections = groups
    .map((ids) => ids.flatMap((id) => all.find((command) => command.id === id) ?? []))
    .filter((section) => section.length > 0)
  return (
    <Menu className="menu" aria-label={label} onAction={(key) => runCommand(String(key))}>
      {sections.map((section, index) => (
        <MenuSection key={index} className="menu-section" aria-label={`${label}, part ${index + 1}`}>
          {section.map((command) => (
            <CommandMenuItem key={command.id} command={command} />
          ))}
        </MenuSection>
      ))}
    </Menu>
  )
}

function CommandMenuItem({ command }: { command: Command }) {
  return (
    <MenuItem className="menu-item" id={command.id} textValue={command.title} isDisabled={command.isEnabled?.() === false}>
      <span className="item-label">{command.title}</span>
      {command.isChecked?.() && <Check aria-label="on" size={16} />}
      {command.shortcut && <Keyboard>{formatShortcut(command.shortcut)}</Keyboard>}
    </MenuItem>
  )
}
