import { useStore } from '@nanostores/react'
import { useApp } from '../app-model.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { InvitationsDialog } from './invitations.tsx'
import { MoveDialog, MoveFolderDialog } from './move-dialog.tsx'
import { OpenLinkDialog } from './open-link-dialog.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { ShareDialog } from './share-dialog.tsx'
import { ShareFolderDialog } from './share-folder-dialog.tsx'
import { ShortcutsDialog } from './shortcuts-dialog.tsx'
import { TagsDialog } from './tags-dialog.tsx'

/** The dialog that is open, if one is; the palette stands apart. */
export function Dialogs() {
  const { view } = useApp()
  const dialog = useStore(view.dialog)
  const close = () => view.dialog.set(null)
  switch (dialog?.name) {
    case undefined:
    case 'palette':
      return null
    case 'settings':
      return <SettingsDialog section={dialog.section ?? 'page'} onClose={close} />
    case 'shortcuts':
      return <ShortcutsDialog onClose={close} />
    case 'share':
      return <ShareDialog id={dialog.id} onClose={close} />
    case 'share-folder':
      return <ShareFolderDialog id={dialog.id} onClose={close} />
    case 'invitations':
      return <InvitationsDialog onClose={close} />
    case 'open-link':
      return <OpenLinkDialog link={dialog.link} onClose={close} />
    case 'move':
      return <MoveDialog ids={dialog.ids} onClose={close} />
    case 'move-folder':
      return <MoveFolderDialog id={dialog.id} onClose={close} />
    case 'tags':
      return <TagsDialog id={dialog.id} onClose={close} />
    case 'delete':
      return <DeleteDialog ids={dialog.ids} onClose={close} />
  }
}
