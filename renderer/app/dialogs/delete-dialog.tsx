import { useStore } from '@nanostores/react'
import { Button } from 'react-aria-components'
import type { DocumentId } from '../../../core/ids.ts'
import { displayTitle } from '../../library/library-model.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'
import { formatCount } from '../format.ts'

/** The one question before something that cannot be undone. */
export function DeleteDialog({ ids, onClose }: { ids: readonly DocumentId[]; onClose(): void }) {
  const { actions, library } = useApp()
  const { documents } = useStore(library)
  const [only] = ids
  const summary = only !== undefined && ids.length === 1 ? documents.get(only) : undefined
  const name = summary ? `“${displayTitle(summary)}”` : formatCount(ids.length, 'document')
  return (
    <DialogFrame title="Delete for good" kind="small" isAlert onClose={onClose}>
      <p>
        {name} and {ids.length === 1 ? 'its' : 'their'} whole history will be removed from this computer. This cannot be undone.
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={onClose} autoFocus>
          Cancel
        </Button>
        <Button
          className="button danger"
          onPress={() => {
            onClose()
            void actions.deleteForGood(ids)
          }}
        >
          Delete
        </Button>
      </div>
    </DialogFrame>
  )
}
