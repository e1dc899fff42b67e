/** A file, and its path in the folder that was chosen or dropped; of files alone their names. */
export interface GivenFile {
  path: string
  file: File
}

/** Files that were chosen. */
export function chosenFiles(files: readonly File[]): GivenFile[] {
  return files.map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }))
}

/** More are no bundle. */
const MOST = 512

/** What was dropped, folders with all that is in them. All is asked for before anything is awaited: then it is gone. */
export async function droppedFiles(transfer: DataTransfer): Promise<GivenFile[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const dropped = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  const found: GivenFile[] = []
  for (const { entry, file } of dropped) {
    if (entry !== null) await collect(entry, found)
    else if (file !== null) found.push({ path: file.name, file })
  }
  return found
}

async function collect(entry: FileSystemEntry, found: GivenFile[]): Promise<void> {
  if (found.length >= MOST || entry.name.startsWith('.')) return
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    found.push({ path: entry.fullPath.replace(/^\//, ''), file })
  } else if (isFolder(entry)) {
    const reader = entry.createReader()
    while (true) {
      // A folder is read a hundred entries at a time.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      )
      if (some.length === 0) return
      for (const one of some) await collect(one, found)
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
