/**
 * What the preload script hands to the renderer as `window.millwright`, on the desktop only. Everything else the
 * UI needs comes through the contract, over the port.
 */
export interface ShellApi {
  readonly host: 'desktop'
  readonly platform: string
  readonly versions: { app: string; electron: string }
  /** Asks for a fresh port to the engine: it arrives as a `message` event on `window` with `PORT_MESSAGE` as data. */
  connect(): void
  /** Told when the engine's process dies and when it is up again; returns the way to stop listening. */
  onEngineState(listener: (state: EngineState) => void): () => void
  /** Saves to a file that the person chooses; resolves with its path, or null when they cancel. */
  saveFile(name: string, content: Uint8Array | string): Promise<string | null>
  /** Shows the data folder in the file manager. */
  openDataFolder(): Promise<void>
  /** Lets the person choose another data folder; the engine restarts on it. */
  chooseDataFolder(): Promise<string | null>
}

export type EngineState =
  | { state: 'starting' }
  | { state: 'running' }
  | { state: 'crashed'; attempt: number; retryAt: number; cause: string }
  | { state: 'failed'; cause: string }

export const PORT_MESSAGE = 'millwright:port'

/** The channels between the preload script and the shell: the wire under `ShellApi`, of no use to the UI. */
export const shellChannels = {
  connect: 'millwright:connect',
  port: 'millwright:port',
  engineState: 'millwright:engine-state',
  watchEngineState: 'millwright:watch-engine-state',
  saveFile: 'millwright:save-file',
  openDataFolder: 'millwright:open-data-folder',
  chooseDataFolder: 'millwright:choose-data-folder',
} as const

/** How the shell tells the preload script the program's version: an argument of the renderer process. */
export const VERSION_ARGUMENT = '--millwright-version='

declare global {
  var millwright: ShellApi | undefined
}
