import { setTimeout as sleep } from 'node:timers/promises'
import { BoxDoor } from '#simulator/box-door.ts'
import { claimBoxes } from '#simulator/claim-boxes.ts'
import { localMac } from '#simulator/fleet-plan.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import { KnockingFleet } from '#simulator/knocking-fleet.ts'
import type { CommandContext } from '../command-context.ts'
import type { SimulateFlags } from '../commands/simulate.command.ts'
import type { SiteConnection } from '../site/connect-site.ts'

export interface KnockWish {
  way: 'bootstrap' | 'csr'
  signal: AbortSignal
  onEnrolled(credentials: GatewayCredentials, index: number): void
}

/** Boxes that knock at the listener for devices, and connect one by one as they are claimed. Resolves when all are. */
export async function knock(
  { output }: CommandContext,
  site: SiteConnection,
  flags: SimulateFlags,
  { way, signal, onEnrolled }: KnockWish,
): Promise<void> {
  const door = new BoxDoor(await doorOf(site, flags))
  const macs = Array.from({ length: flags.gateways }, localMac)
  const fleet = new KnockingFleet({ door, way, macs })
  try {
    const enrolled = fleet.start(signal, onEnrolled)
    // A box that is refused ends the command; what happens to it until then is told where it is waited for.
    enrolled.catch(() => {})
    await Promise.race([enrolled, untilKnocked(fleet, signal)])
    output.note(
      `${macs.length - fleet.count('new')} of ${macs.length} boxes knock${flags.claim === true ? '' : ': claim them under Claims'}`,
    )
    if (flags.claim === true) {
      const wish = { macs: new Set(macs), code: `${flags.prefix}{n:04}`, tenant: flags.tenant, signal }
      output.note(`${await claimBoxes(site.client, wish)} claimed`)
      fleet.pollNow()
    }
    await enrolled
  } finally {
    door.close()
  }
}

async function untilKnocked(fleet: KnockingFleet, signal: AbortSignal): Promise<void> {
  while (fleet.count('new') > 0 && !signal.aborted) await sleep(100)
}

async function doorOf({ run, client, get }: SiteConnection, { url }: SimulateFlags) {
  const ca = await (await get('/pki/ca.crt')).text()
  if (run?.deviceHttps) return { origin: run.deviceHttps, ca }
  const origin = new URL(url ?? '')
  const { network } = await client.site.info()
  return { origin: `https://${origin.hostname}:${network.ports.deviceHttps}`, ca }
}
