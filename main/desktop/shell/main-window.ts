import {
  BrowserWindow,
  type BrowserWindowConstructorOptions,
  type Rectangle,
  type Session,
  screen,
} from 'electron'
import { VERSION_ARGUMENT } from '#contract/shell.ts'
import { SHELL_ORIGIN, UI_ORIGIN } from './origins.ts'
import { paths } from './paths.ts'
import { placeWindow, type WindowState } from './window-state.ts'

export interface MainWindowOptions {
  version: string
  developer: boolean
  savedState(): WindowState | null
  saveState(state: WindowState): void
  /** A person closes the window. @returns true to let it close, false to hide it. */
  closing(): boolean
  log(line: string): void
}

interface Attachment {
  session: Session
  origin: string
}

/** The page lost its process so often, in a row, that loading it again does not help. */
const RELOADS = 3
const RELOADS_PER_MS = 60_000

/**
 * The program's one window. What it shows decides its session, which a window cannot change: so another window
 * takes its place when it goes from the own engine to a running site or back.
 */
export class MainWindow {
  readonly #options: MainWindowOptions
  #window: BrowserWindow | null = null
  #attached: Attachment | null = null
  #reloads: number[] = []
  #saving: NodeJS.Timeout | undefined

  constructor(options: MainWindowOptions) {
    this.#options = options
  }

  get attachedOrigin(): string | null {
    return this.#attached?.origin ?? null
  }

  get browserWindow(): BrowserWindow | null {
    return this.#window
  }

  /** The ids that messages may come from. A window on a running site has no preload script and sends none. */
  get contentIds(): number[] {
    return this.#window && !this.#attached ? [this.#window.webContents.id] : []
  }

  /** Brings the window to the person. */
  focus(): void {
    if (!this.#window) return
    if (this.#window.isMinimized()) this.#window.restore()
    this.#window.show()
    this.#window.focus()
  }

  /** Sends to the UI, when it is the UI that is shown. */
  send(channel: string, message: unknown): void {
    if (this.#window && !this.#attached) this.#window.webContents.send(channel, message)
  }

  showUi(): void {
    const window = this.#windowFor(null)
    if (!window.webContents.getURL().startsWith(`${UI_ORIGIN}/`)) this.#load(window, `${UI_ORIGIN}/`)
  }

  showCrashPage(): void {
    this.#load(this.#windowFor(null), `${SHELL_ORIGIN}/crash`)
  }

  showSite(session: Session, origin: string): void {
    this.#load(this.#windowFor({ session, origin }), `${origin}/`)
  }

  #windowFor(attached: Attachment | null): BrowserWindow {
    if (this.#window && this.#attached?.origin === attached?.origin) return this.#window
    const former = this.#window
    this.#attached = attached
    this.#window = this.#create(attached?.session ?? null)
    former?.destroy()
    return this.#window
  }

  #create(session: Session | null): BrowserWindow {
    const areas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map((display) => display.workArea)
    const { maximized, ...bounds } = placeWindow(this.#options.savedState(), areas)
    const window = new BrowserWindow({
      ...bounds,
      show: false,
      icon: paths.icon,
      title: 'Millwright',
      minWidth: 400,
      minHeight: 400,
      webPreferences: this.#preferences(session),
    })
    window.once('ready-to-show', () => {
      if (maximized) window.maximize()
      window.show()
    })
    for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const) {
      window.on(event as 'resize', () => this.#saveSoon(window))
    }
    window.on('close', (event) => {
      this.#save(window)
      if (this.#options.closing()) return
      event.preventDefault()
      window.hide()
    })
    window.on('closed', () => {
      if (this.#window === window) this.#window = null
    })
    window.webContents.on('render-process-gone', (_event, { reason }) => this.#pageDied(window, reason))
    return window
  }

  #preferences(session: Session | null): NonNullable<BrowserWindowConstructorOptions['webPreferences']> {
    return {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: this.#options.developer,
      // A site's page gets no call of the shell: it is a browser page like any other.
      ...(session
        ? { session }
        : { preload: paths.preload, additionalArguments: [`${VERSION_ARGUMENT}${this.#options.version}`] }),
    }
  }

  #pageDied(window: BrowserWindow, reason: string): void {
    this.#options.log(`The page's process ended: ${reason}`)
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const now = performance.now()
    this.#reloads = [...this.#reloads.filter((at) => now - at < RELOADS_PER_MS), now]
    if (this.#reloads.length <= RELOADS) window.webContents.reload()
  }

  #load(window: BrowserWindow, url: string): void {
    // The page's own `did-fail-load` tells of failures.
    window.loadURL(url).catch(() => undefined)
  }

  #saveSoon(window: BrowserWindow): void {
    clearTimeout(this.#saving)
    this.#saving = setTimeout(() => this.#save(window), 500)
  }

  #save(window: BrowserWindow): void {
    clearTimeout(this.#saving)
    if (window.isDestroyed()) return
    const bounds: Rectangle = window.getNormalBounds()
    this.#options.saveState({ bounds, maximized: window.isMaximized() })
  }
}
