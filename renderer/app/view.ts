import { atom, type WritableAtom } from 'nanostores'
import type { DocumentId, FolderId } from '../../core/ids.ts'

/** How this window is arranged: nothing of it concerns the engine or another window. What is worth it is remembered for the next start. */
export interface View {
  /** What the right column shows. */
  readonly margin: WritableAtom<MarginPanel>
  /** What the left column shows. */
  readonly sidebar: WritableAtom<SidebarPanel>
  /** Whether the left column is drawn over the page, where the window is too narrow for both. */
  readonly drawer: WritableAtom<boolean>
  /** Whether a version is shown with what changed in it. */
  readonly changesShown: WritableAtom<boolean>
  readonly dialog: WritableAtom<DialogName | null>
  /** Keys of the open groups and folders of the library. */
  readonly expanded: WritableAtom<readonly string[]>
  /** Key of the library's row whose name is being typed. */
  readonly renaming: WritableAtom<string | null>
}

export type MarginPanel = 'none' | 'history' | 'outline'
export type SidebarPanel =
  | { readonly show: 'library' }
  | { readonly show: 'search' }
  | { readonly show: 'trash' }
  | { readonly show: 'tag'; readonly tag: string }

export type SettingsSection = 'page' | 'writing' | 'you' | 'relay' | 'devices' | 'data'

export type DialogName =
  | { readonly name: 'palette' }
  | { readonly name: 'shortcuts' }
  | { readonly name: 'settings'; readonly section?: SettingsSection }
  | { readonly name: 'share'; readonly id: DocumentId }
  | { readonly name: 'share-folder'; readonly id: FolderId }
  | { readonly name: 'invitations' }
  | { readonly name: 'open-link'; readonly link: string }
  | { readonly name: 'move'; readonly ids: readonly DocumentId[] }
  | { readonly name: 'move-folder'; readonly id: FolderId }
  | { readonly name: 'tags'; readonly id: DocumentId }
  | { readonly name: 'delete'; readonly ids: readonly DocumentId[] }

export function createView(): View {
  const margin = atom(recall<MarginPanel>('margin', 'none'))
  const changesShown = atom(recall('changes-shown', false))
  const expanded = atom(recall<readonly string[]>('expanded', ['pinned', 'recent', 'documents']))
  margin.listen((panel) => remember('margin', panel))
  changesShown.listen((isShown) => remember('changes-shown', isShown))
  expanded.listen((keys) => remember('expanded', keys))
  return {
    margin,
    expanded,
    renaming: atom<string | null>(null),
    changesShown,
    sidebar: atom<SidebarPanel>({ show: 'library' }),
    drawer: atom(false),
    dialog: atom<DialogName | null>(null),
  }
}

const keyOf = (name: string) => `palimpsest.${name}`

/** Keeps a value for this window's next start. A browser that keeps nothing only forgets the arrangement. */
export function remember(name: string, value: unknown): void {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(value))
  } catch (error) {
    console.warn('The arrangement of the window was not kept', error)
  }
}

/** What was remembered, or `otherwise`. */
export function recall<Value>(name: string, otherwise: Value): Value {
  try {
    const stored = localStorage.getItem(keyOf(name))
    return stored === null ? otherwise : (JSON.parse(stored) as Value)
  } catch {
    // Kept by something else, or not readable: as if nothing had been kept.
    return otherwise
  }
}
