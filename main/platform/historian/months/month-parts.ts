import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { renameDurably, syncFolder } from '../durable-files.ts'
import { MONTHS_FOLDER, type MonthName, monthFile } from './month-file.ts'

/** What SQLite keeps beside a file. */
const BESIDE = ['-wal', '-shm', '-journal'] as const
/** A file on its way out. */
const RETIRED = '.retired'
/** What could be read of a damaged file, complete, about to take its place; and what is being made. */
export const SALVAGED = '.salvaged'
export const MAKING = '.making'
const DAMAGED = '.damaged'
const TEMPORARY = [RETIRED, MAKING]

/** Bytes of a month's file and of what SQLite keeps beside it. */
export function monthBytes(dir: string, name: MonthName): number {
  const file = monthFile(dir, name)
  return ['', ...BESIDE].reduce((bytes, end) => bytes + sizeOf(file + end), 0)
}

/** Bytes of everything in a store's folder that is not on its way out. */
export function storeBytes(dir: string): number {
  let bytes = 0
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && !entry.name.endsWith(RETIRED)) bytes += sizeOf(join(entry.parentPath, entry.name))
  }
  return bytes
}

/**
 * Deletes a month that nobody has open. Renamed first: from then on it is not in the store, and what cannot be removed now, as a
 * file that a virus scanner looks at, is left to `tidyMonths`.
 */
export function deleteMonth(dir: string, name: MonthName, renamed: () => void): void {
  const file = monthFile(dir, name)
  renameDurably(file, file + RETIRED)
  renamed()
  for (const end of [...BESIDE, RETIRED]) tried(() => rmSync(file + end, { force: true }))
  syncFolder(join(dir, MONTHS_FOLDER))
}

/**
 * Puts what could be read of a damaged file in its place, and keeps the damaged one beside it, for whoever knows more. Nobody
 * has it open. Returns its new path. Where that fails, the damaged file is put back, so that the next round begins anew.
 */
export function takeSalvaged(dir: string, name: MonthName, renamed: () => void): string {
  const file = monthFile(dir, name)
  let kept = ''
  for (let n = 1; kept === '' || existsSync(kept); n++) kept = `${file}${DAMAGED}-${n}`
  renameDurably(file, kept)
  renamed()
  const moved: string[] = ['']
  try {
    for (const end of BESIDE) {
      if (!existsSync(file + end)) continue
      renameSync(file + end, kept + end)
      moved.push(end)
    }
    renameDurably(file + SALVAGED, file)
  } catch (error) {
    for (const end of moved.reverse()) tried(() => renameSync(kept + end, file + end))
    throw error
  }
  return kept
}

/**
 * Makes the place of a month's file ready where there is none: what was salvaged of it is put there, and a WAL that a new file
 * would take for its own is removed. Throws where that cannot be done.
 */
export function preparePlace(dir: string, name: MonthName): void {
  const file = monthFile(dir, name)
  if (existsSync(file)) return
  for (const end of BESIDE) rmSync(file + end, { force: true })
  if (existsSync(file + SALVAGED)) renameDurably(file + SALVAGED, file)
}

/**
 * Ends what a crash, or a file that was in use, left half done. For the one thread that writes the files, while it works on none;
 * what cannot be done now is left for the next time.
 */
export function tidyMonths(dir: string): void {
  const folder = join(dir, MONTHS_FOLDER)
  const names = new Set(namesIn(folder))
  const remove = (name: string): void => {
    if (tried(() => rmSync(join(folder, name), { force: true }))) names.delete(name)
  }
  for (const name of names) {
    const file = BESIDE.reduce((base, end) => (base.endsWith(end) ? base.slice(0, -end.length) : base), name)
    const isBeside = file !== name
    if (TEMPORARY.some((end) => file.endsWith(end))) remove(name)
    // A WAL without its file: SQLite would take it for that of the next file of this name.
    else if (isBeside && file.endsWith('.sqlite') && !names.has(file)) remove(name)
  }
  for (const name of names) {
    if (!name.endsWith(SALVAGED)) continue
    const file = name.slice(0, -SALVAGED.length)
    // Else its place is not free yet: salvaging begins anew.
    if (names.has(file)) remove(name)
    else tried(() => renameDurably(join(folder, name), join(folder, file)))
  }
}

/** False where the system refused it. */
function tried(work: () => void): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
