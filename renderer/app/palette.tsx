import { useStore } from '@nanostores/react'
import { FileText, Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import {
  Autocomplete,
  Dialog,
  Header,
  Keyboard,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Modal,
  ModalOverlay,
  SearchField,
} from 'react-aria-components'
import type { DocumentSummary } from '../../core/contract/engine.ts'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import { displayTitle, folderPath } from '../library/library-model.ts'
import { useApp } from './app-model.ts'
import { type Command, commands, runCommand } from './commands.ts'
import { ListSearchInput } from './list-search-input.tsx'
import { beginsWith, type Findable, findable, findBest } from './palette-search.ts'
import { formatShortcut } from './shortcuts.ts'

interface FoundCommand extends Findable {
  command: Command
}

interface FoundDocument extends Findable {
  name: string
  id: DocumentId
  folder: FolderId | null
}

const shownDocuments = 12
const shownCommands = 40

/** Every command and every document by name: type, choose, Enter. */
export function Palette() {
  const { view } = useApp()
  const close = () => view.dialog.set(null)
  return (
    <ModalOverlay className="modal-overlay palette-overlay" isOpen isDismissable onOpenChange={close}>
      <Modal className="modal palette">
        <Dialog className="dialog" aria-label="Commands and documents">
          <PaletteSearch onDone={close} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function PaletteSearch({ onDone }: { onDone(): void }) {
  const { library, actions } = useApp()
  const [typed, setTyped] = useState('')
  const foundDocuments = useFoundDocuments(typed)
  const foundCommands = useFoundCommands(typed)
  const { folders } = useStore(library)
  const isCommandMeant = typed.trim() !== '' && beginsWith(foundCommands[0], typed)

  function choose(key: string) {
    onDone()
    const [kind, id] = splitKey(key)
    if (kind === 'document') actions.openDocument(id as DocumentId, 'text')
    else runCommand(id)
  }
  function chooseFirst() {
    const [document] = foundDocuments
    const [found] = foundCommands
    if (found && (isCommandMeant || !document)) choose(commandKey(found.command))
    else if (document) choose(documentKey(document))
  }

  const documentSection = foundDocuments.length > 0 && (
    <ListBoxSection key="documents">
      <Header>Documents</Header>
      {foundDocuments.map(({ id, name, folder }) => (
        <ListBoxItem key={id} id={documentKey({ id })} textValue={name} className="palette-item">
          <FileText aria-hidden="true" size={16} strokeWidth={1.75} />
          <span className="item-label">{name}</span>
          <span className="item-detail">{folderPath(folders, folder).join(' / ')}</span>
        </ListBoxItem>
      ))}
    </ListBoxSection>
  )
  const commandSection = foundCommands.length > 0 && (
    <ListBoxSection key="commands">
      <Header>Commands</Header>
      {foundCommands.map(({ command }) => (
        <CommandItem key={command.id} command={command} />
      ))}
    </ListBoxSection>
  )
  return (
    <Autocomplete inputValue={typed} onInputChange={setTyped}>
      <SearchField className="palette-field" aria-label="Find a command or a document" autoFocus>
        <Search aria-hidden="true" size={18} strokeWidth={1.75} />
        <ListSearchInput placeholder="Find a command or a document" onChooseFirst={chooseFirst} />
      </SearchField>
      <ListBox
        className="palette-list"
        aria-label="Found"
        onAction={(key) => choose(String(key))}
        renderEmptyState={() => <p className="palette-empty">Nothing is called “{typed}”. To look inside the texts, search the library.</p>}
      >
        {isCommandMeant ? [commandSection, documentSection] : [documentSection, commandSection]}
      </ListBox>
    </Autocomplete>
  )
}

function CommandItem({ command }: { command: Command }) {
  return (
    <ListBoxItem id={commandKey(command)} textValue={command.title} className="palette-item">
      <span className="item-label">{command.title}</span>
      <span className="item-detail">{command.isChecked?.() ? 'On' : command.section}</span>
      <Keyboard>{command.shortcut ? formatShortcut(command.shortcut) : ''}</Keyboard>
    </ListBoxItem>
  )
}

const documentKey = ({ id }: { id: DocumentId }) => `document ${id}`
const commandKey = ({ id }: { id: string }) => `command ${id}`

function splitKey(key: string): [string, string] {
  const space = key.indexOf(' ')
  return [key.slice(0, space), key.slice(space + 1)]
}

/** Recently opened documents first, until something is typed. */
function useFoundDocuments(typed: string): FoundDocument[] {
  const { library } = useApp()
  const { documents } = useStore(library)
  const all = useMemo(
    () =>
      [...documents.values()]
        .filter((document) => document.trashedAt === null)
        .sort((a, b) => (b.openedAt ?? 0) - (a.openedAt ?? 0))
        .map((document) => foundDocument(document)),
    [documents],
  )
  return useMemo(() => findBest(all, typed, typed.trim() === '' ? 5 : shownDocuments), [all, typed])
}

function foundDocument(document: DocumentSummary): FoundDocument {
  const name = displayTitle(document)
  return { name, id: document.id, folder: document.folder, ...findable(name) }
}

function useFoundCommands(typed: string): FoundCommand[] {
  const all = useStore(commands)
  const enabled = useMemo(
    () =>
      all
        .filter((command) => command.id !== 'palette.open' && command.isEnabled?.() !== false)
        .map((command) => ({ command, ...findable(command.title, `${command.section} ${command.keywords ?? ''}`) })),
    [all],
  )
  return useMemo(() => findBest(enabled, typed, shownCommands), [enabled, typed])
}
