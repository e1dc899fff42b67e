import { readFileSync } from 'node:fs'
import { replaceFile } from './replace-file.ts'
import { isWindowState, type WindowState } from './window-state.ts'

/** What the desktop remembers between starts, apart from the site's own settings. */
export interface ShellSettings {
  window: WindowState | null
  /** Chosen in the window; null for the default. */
  dataDir: string | null
  /** The person knows that closing the window does not stop the site. */
  knowsBackground: boolean
}

const defaults: ShellSettings = { window: null, dataDir: null, knowsBackground: false }

/** The settings file; whatever in it is not understood counts as not set. */
export class ShellSettingsFile {
  readonly #path: string
  #settings: ShellSettings

  constructor(path: string) {
    this.#path = path
    this.#settings = read(path)
  }

  get settings(): Readonly<ShellSettings> {
    return this.#settings
  }

  update(change: Partial<ShellSettings>): void {
    this.#settings = { ...this.#settings, ...change }
    replaceFile(this.#path, `${JSON.stringify(this.#settings, null, 2)}\n`)
  }
}

function read(path: string): ShellSettings {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return defaults
  }
  if (typeof value !== 'object' || value === null) return defaults
  const { window, dataDir, knowsBackground } = value as Record<string, unknown>
  return {
    window: isWindowState(window) ? window : null,
    dataDir: typeof dataDir === 'string' && dataDir !== '' ? dataDir : null,
    knowsBackground: knowsBackground === true,
  }
}
