import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { GatewayCredentials } from './gateway-credentials.ts'

const KeptSchema = z.object({
  gatewayId: z.string(),
  code: z.string(),
  clientId: z.string(),
  host: z.string(),
  port: z.number().int(),
  telemetryTopic: z.string(),
  certificate: z.string(),
  privateKey: z.string(),
  ca: z.string(),
})

/** Keys of simulated gateways, one file each, so that a later run goes on with the same ones. */
export class KeptGateways {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /** By code; other files in the folder are left alone. */
  async load(): Promise<GatewayCredentials[]> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const names = (await readdir(this.#dir)).filter((name) => name.endsWith('.gateway.json')).sort()
    return Promise.all(
      names.map(async (name) => KeptSchema.parse(JSON.parse(await readFile(join(this.#dir, name), 'utf8')))),
    )
  }

  async save(credentials: GatewayCredentials): Promise<void> {
    const path = join(this.#dir, `${credentials.code}.gateway.json`)
    const file = await open(`${path}.part`, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify(credentials))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
  }
}
