import { adoptImages, holdsWrittenOut } from './adopt-images.ts'
import type { Slice } from 'prosemirror-model'
import { NodeSelection, Plugin, PluginKey, Selection, type SelectionBookmark, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import { insertBlock } from '../commands/blocks.ts'
import type { FormatCommand } from '../commands/format-commands.ts'
import { schema } from '../schema.ts'
import { type Attachments, imageTypes, isImageFile } from './attachments.ts'
import { createImageView } from './image-view.ts'

/** What images need of the app around the editor. */
export interface ImageServices {
  readonly attachments: Attachments
  /** Tells the person what could not be inserted. */
  refuse(name: string, error: PalimpsestError): void
}

interface Images {
  readonly services: ImageServices
  /** Where that goes which was pasted, and whose pictures are still being kept. */
  readonly places: ReadonlyMap<Slice, SelectionBookmark>
}

const key = new PluginKey<Images>('images')

/** Draws pictures, and takes them from the clipboard and from dropped files. */
export function images(services: ImageServices): Plugin {
  return new Plugin<Images>({
    key,
    state: { init: () => ({ services, places: new Map() }), apply: imagesAfter },
    props: {
      nodeViews: { image: (node, view) => createImageView(node, view, services.attachments) },
      // The caption makes it a block that holds text, which a click would not select.
      handleClickOn(view, _position, node, nodePosition, event) {
        if (node.type.name !== 'image' || !(event.target instanceof HTMLImageElement)) return false
        view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, nodePosition)))
        return true
      },
      handlePaste(view, event, slice) {
        const files = [...(event.clipboardData?.files ?? [])].filter(isImageFile)
        const hasText = slice.content.textBetween(0, slice.content.size).trim() !== ''
        if (files.length > 0 && !hasText) {
          void insertImages(view, files)
          return true
        }
        if (!holdsWrittenOut(slice.content)) return false
        view.dispatch(view.state.tr.setMeta(key, slice))
        void adoptImages(slice, services).then((adopted) => {
          if (!view.isDestroyed) putInPlace(view, slice, adopted)
        })
        return true
      },
      handleDrop(view, event, _slice, moved) {
        const files = [...(event.dataTransfer?.files ?? [])].filter(isImageFile)
        if (moved || files.length === 0) return false
        event.preventDefault()
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY })
        if (at) view.dispatch(view.state.tr.setSelection(Selection.near(view.state.doc.resolve(at.pos))))
        void insertImages(view, files)
        return true
      },
    },
  })
}

/** A transaction that names something pasted keeps its place, and the next that does lets go of it. */
function imagesAfter(tr: Transaction, images: Images): Images {
  const pasted = tr.getMeta(key) as Slice | undefined
  if (!pasted && images.places.size === 0) return images
  const places = new Map([...images.places].map(([slice, place]) => [slice, place.map(tr.mapping)]))
  if (pasted && !places.delete(pasted)) places.set(pasted, tr.selection.getBookmark())
  return { ...images, places }
}

/** Puts what was pasted where it was pasted. The person may have gone on meanwhile, and have selected what is not to be replaced. */
function putInPlace(view: EditorView, pasted: Slice, adopted: Slice): void {
  const { doc, selection, tr } = view.state
  const place = key.getState(view.state)?.places.get(pasted)?.resolve(doc) ?? selection
  tr.setSelection(place).replaceSelection(adopted)
  if (place.eq(selection)) tr.scrollIntoView()
  else tr.setSelection(selection.map(tr.doc, tr.mapping))
  view.dispatch(tr.setMeta('paste', true))
  view.dispatch(view.state.tr.setMeta(key, pasted))
}

/** Keeps each file and shows it after the block of the caret. One that cannot be kept is told about; the others go on. */
export async function insertImages(view: EditorView, files: readonly File[]): Promise<void> {
  const services = key.getState(view.state)?.services
  if (!services || !view.editable) return
  for (const file of files) {
    try {
      const src = await services.attachments.create(file, file.name)
      if (view.isDestroyed) return
      insertBlock(schema.nodes.image!.create({ src }))(view.state, view.dispatch)
    } catch (error) {
      services.refuse(file.name, asPalimpsestError(error))
    }
  }
}

/** Asks for picture files and inserts them. */
export const imageCommand: FormatCommand = {
  id: 'insert.image',
  title: 'Image',
  section: 'Insert',
  keywords: 'picture photo figure',
  editorCommand(state, dispatch, view) {
    if (!key.getState(state)) return false
    if (dispatch && view) chooseFiles((files) => void insertImages(view, files))
    return true
  },
}

function chooseFiles(take: (files: File[]) => void) {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.accept = imageTypes.join(',')
  input.addEventListener('change', () => take([...(input.files ?? [])]))
  input.click()
}
