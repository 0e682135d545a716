import { useStore } from '@nanostores/react'
import { X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button, ComboBox, Input, Label, ListBox, ListBoxItem, Popover, Tag, TagGroup, TagList } from 'react-aria-components'
import type { DocumentId } from '../../../core/ids.ts'
import { displayTitle, tagsOf } from '../../library/library-model.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'

/** The tags of one document. Each addition and removal is kept at once. */
export function TagsDialog({ id, onClose }: { id: DocumentId; onClose(): void }) {
  const { actions, library } = useApp()
  const { documents } = useStore(library)
  const [typed, setTyped] = useState('')
  const summary = documents.get(id)
  if (!summary) return null
  const { tags } = summary
  const others = tagsOf(documents.values()).filter((tag) => !tags.includes(tag))

  function add(tag: string) {
    const clean = tag.trim().replace(/^#/, '')
    setTyped('')
    if (clean !== '' && !tags.includes(clean)) void actions.setTags(id, [...tags, clean])
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    add(typed)
  }

  return (
    <DialogFrame title={`Tags of “${displayTitle(summary)}”`} kind="small" onClose={onClose}>
      <TagGroup
        aria-label="Tags"
        className="tag-group"
        onRemove={(removed) =>
          void actions.setTags(
            id,
            tags.filter((tag) => !removed.has(tag)),
          )
        }
      >
        <TagList className="tag-list" renderEmptyState={() => <span className="soft">No tags yet.</span>}>
          {tags.map((tag) => (
            <Tag key={tag} id={tag} textValue={tag} className="tag">
              {tag}
              <Button slot="remove" className="tag-remove" aria-label={`Remove ${tag}`}>
                <X aria-hidden="true" size={12} />
              </Button>
            </Tag>
          ))}
        </TagList>
      </TagGroup>
      <form className="field-row" onSubmit={submit}>
        <ComboBox
          className="field"
          allowsCustomValue
          menuTrigger="focus"
          inputValue={typed}
          onInputChange={setTyped}
          selectedKey={null}
          onSelectionChange={(tag) => tag !== null && add(String(tag))}
        >
          <Label>Add a tag</Label>
          <Input autoFocus />
          <Popover className="popover menu-popover">
            <ListBox className="menu">
              {others.map((tag) => (
                <ListBoxItem key={tag} id={tag} textValue={tag} className="menu-item">
                  {tag}
                </ListBoxItem>
              ))}
            </ListBox>
          </Popover>
        </ComboBox>
        <Button className="button" type="submit">
          Add
        </Button>
      </form>
    </DialogFrame>
  )
}
