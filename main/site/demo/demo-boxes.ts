import { randomBytes } from 'node:crypto'
import type { RestClient } from '#client/rest-client.ts'
import { BoxDoor } from '#simulator/box-door.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import { KnockingBox, type KnockWay } from '#simulator/knocking-box.ts'

interface DemoBox {
  /** Of a maker that has boxes like it; the rest of its MAC is made up. */
  maker: string
  chip: string
  firmware: string
  way: KnockWay
}

/** On the bench of the workshop, unpacked and switched on. */
const demoBoxes: readonly DemoBox[] = [
  { maker: '24:0a:c4', chip: 'ESP32', firmware: '2.4.1', way: 'bootstrap' },
  { maker: '24:0a:c4', chip: 'ESP32', firmware: '2.4.1', way: 'bootstrap' },
  { maker: '24:0a:c4', chip: 'ESP32-S3', firmware: '2.5.0-rc1', way: 'bootstrap' },
  { maker: 'b8:27:eb', chip: 'BCM2837', firmware: '1.9.0', way: 'csr' },
]
/** Minutes: for a visitor who looks around. */
const WINDOW = 8 * 60

export interface DemoBoxesOptions {
  client: RestClient
  tenant: string
  /** The listener for devices, and PEM of the device root. */
  door: { origin: string; ca: string }
  signal: AbortSignal
  /** Somebody claimed one. */
  onEnrolled(credentials: GatewayCredentials): void
  onTrouble(what: string, error: unknown): void
}

/** Opens a claim window in which some boxes knock, for the visitor to claim. Resolves when none knocks any more. */
export async function letBoxesKnock(options: DemoBoxesOptions): Promise<void> {
  const { client, tenant, signal, onEnrolled, onTrouble } = options
  await client.claims.openWindow({ tenant, minutes: WINDOW })
  const door = new BoxDoor(options.door)
  const knocking = demoBoxes.map(async ({ maker, ...box }) => {
    const [a, b, c] = randomBytes(3).toString('hex').match(/../g) ?? []
    const mac = `${maker}:${a}:${b}:${c}`
    try {
      onEnrolled(await new KnockingBox({ ...box, mac, door }).enroll(signal))
    } catch (error) {
      if (!signal.aborted) onTrouble(mac, error)
    }
  })
  await Promise.all(knocking)
  door.close()
}
