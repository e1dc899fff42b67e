import { Menu, Tray } from 'electron'
import { assertNever } from '#contract/errors.ts'
import type { EngineState } from '#contract/shell.ts'
import { paths } from './paths.ts'
import type { ShellTexts } from './texts.ts'

export interface TrayActions {
  open(): void
  quit(): void
}

/** The icon beside the clock: says how the site is, opens the window, quits. */
export class SiteTray {
  readonly #texts: ShellTexts
  readonly #actions: TrayActions
  #tray: Tray | null = null

  constructor(texts: ShellTexts, actions: TrayActions) {
    this.#texts = texts
    this.#actions = actions
  }

  start(status: string): void {
    this.#tray = new Tray(paths.trayIcon)
    this.#tray.on('click', () => this.#actions.open())
    this.show(status)
  }

  /** Shows the status line. The menu is made anew: Linux does not follow changes of its items. */
  show(status: string): void {
    this.#tray?.setToolTip(`Millwright: ${status}`)
    this.#tray?.setContextMenu(
      Menu.buildFromTemplate([
        { label: status, enabled: false },
        { type: 'separator' },
        { label: this.#texts.open, click: () => this.#actions.open() },
        { label: this.#texts.quit, click: () => this.#actions.quit() },
      ]),
    )
  }

  stop(): void {
    this.#tray?.destroy()
    this.#tray = null
  }
}

/** The status line of an engine's state. */
export function statusLine(state: EngineState, texts: ShellTexts): string {
  switch (state.state) {
    case 'starting':
      return texts.starting
    case 'running':
      return texts.running
    case 'crashed':
      return texts.restarting
    case 'failed':
      return texts.stopped
    default:
      return assertNever(state)
  }
}
