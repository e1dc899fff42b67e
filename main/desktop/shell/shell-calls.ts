import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { app, type BrowserWindow, dialog, shell } from 'electron'
import type { SaveRequest } from './save-request.ts'

/** @returns the chosen path, or null when the person cancelled */
export async function saveFile(window: BrowserWindow, request: SaveRequest): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    defaultPath: join(app.getPath('downloads'), request.name),
  })
  if (canceled || !filePath) return null
  // It may hold a private key: for the owner only, and gone again if it could not be written whole.
  const file = await open(filePath, 'w', 0o600)
  try {
    await file.writeFile(request.content)
    await file.sync()
  } catch (error) {
    await rm(filePath, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return filePath
}

/** @returns the chosen folder, or null when the person cancelled */
export async function askForFolder(window: BrowserWindow | null, present: string): Promise<string | null> {
  const options: Electron.OpenDialogOptions = {
    defaultPath: present,
    properties: ['openDirectory', 'createDirectory'],
  }
  const { filePaths } = await (window
    ? dialog.showOpenDialog(window, options)
    : dialog.showOpenDialog(options))
  return filePaths[0] ?? null
}

/** Opens a file or folder with the system's program for it. */
export async function openPath(path: string, log: (line: string) => void): Promise<void> {
  const failure = await shell.openPath(path)
  if (failure) log(`${path} could not be opened: ${failure}`)
}
