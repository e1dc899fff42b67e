import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent } from 'electron'
import { originOf, UI_ORIGIN } from './origins.ts'

/** What is looked at of a message's sender. Electron's events have more. */
export interface IpcSource {
  senderFrame: { readonly url: string; readonly parent: unknown } | null
  sender: { readonly id: number }
}

export interface IpcGateOptions {
  ipcMain: Pick<IpcMain, 'on' | 'handle'>
  /** Ids of the web contents of our windows. */
  windowIds(): Iterable<number>
  log(line: string): void
}

/** Turns the arguments of a call into what its handler takes, or throws. */
export type ArgumentsOf<T> = (args: readonly unknown[]) => T

/** Lets only messages of the UI's own main frame in our own windows reach a handler, and only well-formed ones. */
export class IpcGate {
  readonly #options: IpcGateOptions

  constructor(options: IpcGateOptions) {
    this.#options = options
  }

  on(channel: string, listener: (event: IpcMainEvent) => void): void {
    this.#options.ipcMain.on(channel, (event) => {
      if (this.#admits(channel, event)) listener(event)
    })
  }

  handle<T>(
    channel: string,
    read: ArgumentsOf<T>,
    handler: (input: T, event: IpcMainInvokeEvent) => Promise<unknown>,
  ): void {
    this.#options.ipcMain.handle(channel, async (event, ...args: unknown[]) => {
      if (!this.#admits(channel, event)) throw new Error(`${channel} was refused`)
      return handler(read(args), event)
    })
  }

  #admits(channel: string, event: IpcSource): boolean {
    const frame = event.senderFrame
    // A frame that navigated away or closed is null: nobody to trust.
    const trusted =
      frame !== null &&
      frame.parent === null &&
      originOf(frame.url) === UI_ORIGIN &&
      [...this.#options.windowIds()].includes(event.sender.id)
    if (!trusted)
      this.#options.log(`Refused ${channel} from ${frame ? originOf(frame.url) : 'a closed frame'}`)
    return trusted
  }
}
