/** A file with the folders that it was found in, outermost first. */
export interface PickedFile {
  readonly file: File
  readonly folders: readonly string[]
}

/** Endings of the files that can be imported. */
export const importable = ['md', 'markdown', 'mdown', 'mkd', 'html', 'htm', 'xhtml', 'txt', 'text'] as const

/** Asks for files; nothing when the person thinks better of it. */
export function chooseFiles(): Promise<PickedFile[]> {
  return choose((input) => {
    input.multiple = true
    input.accept = importable.map((ending) => `.${ending}`).join(',')
  })
}

/** Asks for a folder and answers with everything in it. */
export function chooseFolder(): Promise<PickedFile[]> {
  return choose((input) => {
    input.webkitdirectory = true
  })
}

function choose(prepare: (input: HTMLInputElement) => void): Promise<PickedFile[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    prepare(input)
    input.addEventListener('change', () => resolve([...(input.files ?? [])].map(placed)))
    input.addEventListener('cancel', () => resolve([]))
    input.click()
  })
}

const placed = (file: File): PickedFile => ({ file, folders: file.webkitRelativePath.split('/').slice(0, -1) })

/** Everything that was dropped, folders with what is in them. The transfer must be read before the event ends. */
export async function droppedFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return [...transfer.files].map((file) => ({ file, folders: [] }))
  const found = await Promise.all(entries.map((entry) => filesOf(entry, [])))
  return found.flat()
}

async function filesOf(entry: FileSystemEntry, folders: readonly string[]): Promise<PickedFile[]> {
  if (isFile(entry)) return [{ file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)), folders }]
  if (!isFolder(entry)) return []
  const inside: PickedFile[] = []
  for (const child of await childrenOf(entry)) inside.push(...(await filesOf(child, [...folders, entry.name])))
  return inside
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

/** A reader gives its entries in portions until one is empty. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (portion.length === 0) return all
    all.push(...portion)
  }
}
