import * as z from 'zod'
import type { DeviceNvs } from '../boot/device-nvs.ts'
import type { FlashHost } from '../boot/flash-host.ts'
import type { GatewayStatus } from './gateway-firmware.ts'
import { SetSchema, settingsIn, type Wifi, withKey, withSettings } from './gateway-settings.ts'
import { ImprovConsole } from './improv-console.ts'
import { makeOwnKey } from './own-key.ts'

/** Characters of a line; longer ones are dropped. Certificates of three levels have room. */
const LINE_MOST = 16_384

const RequestSchema = z.discriminatedUnion('do', [
  z.object({ id: z.number(), do: z.literal('hello') }),
  z.object({ id: z.number(), do: z.literal('csr') }),
  z.object({ id: z.number(), do: z.literal('settings'), set: SetSchema }),
  z.object({ id: z.number(), do: z.literal('status') }),
  z.object({ id: z.number(), do: z.literal('restart') }),
])
type Request = z.infer<typeof RequestSchema>

export interface SetupTasks {
  version: string
  status(): GatewayStatus
  /** @returns whether the network let it in */
  join(wifi: Wifi): Promise<boolean>
  settingsChanged(): void
}

/** The end of the firmware of the setup over serial (docs/serial-setup.md): lines `MW {…}`, and Improv Wi-Fi. */
export class SetupConsole {
  readonly #host: FlashHost
  readonly #nvs: DeviceNvs
  readonly #tasks: SetupTasks
  readonly #improv: ImprovConsole | null
  #line = ''
  #queue: Promise<void> = Promise.resolve()

  constructor(host: FlashHost, nvs: DeviceNvs, tasks: SetupTasks) {
    this.#host = host
    this.#nvs = nvs
    this.#tasks = tasks
    const keep = async (wifi: Wifi): Promise<boolean> => {
      if (!(await tasks.join(wifi))) return false
      nvs.write(withSettings(nvs.read(), { wifi: [wifi] }))
      tasks.settingsChanged()
      return true
    }
    this.#improv = host.board.improv ? new ImprovConsole(host, tasks.version, keep) : null
  }

  start(): void {
    this.#improv?.start()
  }

  take(bytes: Uint8Array): void {
    this.#improv?.take(bytes)
    for (const byte of bytes) {
      if (byte === 0x0a) this.#end()
      else if (this.#line.length < LINE_MOST) this.#line += String.fromCharCode(byte)
    }
  }

  #end(): void {
    const line = Buffer.from(this.#line, 'latin1').toString('utf8').trim()
    this.#line = ''
    // What came before it without a line end, noise of the reset for example, does not count.
    const from = line.indexOf('MW {')
    if (from === -1) return
    this.#queue = this.#queue.then(() => this.#answer(line.slice(from + 3)))
  }

  async #answer(text: string): Promise<void> {
    let id: number | null = null
    try {
      const asked: unknown = JSON.parse(text)
      id = z.object({ id: z.number() }).parse(asked).id
      this.#say({ id, ok: true, ...(await this.#do(RequestSchema.parse(asked))) })
    } catch (error) {
      this.#say({ id, ok: false, error: wordsOf(error) })
    }
  }

  async #do(request: Request): Promise<object> {
    const { board } = this.#host
    switch (request.do) {
      case 'hello': {
        const { cert, key } = settingsIn(this.#nvs.read(), board.mac)
        return {
          is: 'millwright-gateway',
          version: this.#tasks.version,
          chip: board.chip,
          mac: board.mac,
          makesKeys: true,
          hasIdentity: cert !== null && key !== null,
        }
      }
      case 'csr': {
        const { id, mac } = settingsIn(this.#nvs.read(), board.mac)
        const { privateKey, csr } = await makeOwnKey(id ?? mac.replaceAll(':', ''))
        // The key never leaves the chip.
        this.#nvs.write(withKey(this.#nvs.read(), privateKey))
        return { csr }
      }
      case 'settings':
        this.#nvs.write(withSettings(this.#nvs.read(), request.set))
        return {}
      case 'status':
        return this.#tasks.status()
      case 'restart':
        // After the answer is out.
        setTimeout(() => this.#host.restart('software'), 100)
        return {}
    }
  }

  #say(answer: object): void {
    this.#host.print(`MW ${JSON.stringify(answer)}\r\n`)
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues[0]?.message ?? 'not understood'
  return error instanceof Error ? error.message : String(error)
}
