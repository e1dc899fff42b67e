import { setTimeout as sleep } from 'node:timers/promises'
import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { requireWifi } from './actions/tenant-wifi.ts'
import type { MonitorSession, SerialBench } from './bench-port.ts'
import { requireOwnBoard, requireOwnPort } from './board-owner.ts'
import type { PortClaims } from './port-claims.ts'
import type { PortList } from './port-list.ts'
import type { WifiService } from './wifi.service.ts'

/** Of running firmware, whichever setup it speaks. */
const BAUD = 115_200
/** A board that takes new settings restarts; it has so long to join, ms. */
const JOIN_WITHIN = 45_000
const LOOK_EVERY = 500

export interface SerialSetupDependencies {
  db: SiteDb
  bench: Pick<SerialBench, 'openMonitor'>
  ports: PortList
  claims: PortClaims
  tenants: TenantsService
  wifi: Pick<WifiService, 'require' | 'open'>
}

export interface SetUpBoard {
  way: 'improv' | 'gateway'
  firmware: string
  version: string
  chip: string
  url: string | null
}

/** Wi-Fi for a board that runs already, over its serial line: our firmware's own setup, else Improv. */
export class SerialSetup {
  readonly #dependencies: SerialSetupDependencies

  constructor(dependencies: SerialSetupDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Comes back once the board has joined.
   *
   * @throws ExpectedError `tenant_unknown`, `not_found`, `port_unknown`, `port_busy`, `port_denied`, `port_lost`,
   *   `setup_silent`, `setup_failed`, `mac_taken`
   */
  async setUp(
    scope: TenantScope,
    order: { port: string; tenant?: string | undefined; wifiId: string },
    audit: AuditDraft,
  ): Promise<SetUpBoard> {
    const { db, bench, ports, claims, tenants, wifi } = this.#dependencies
    const { id: tenantId } = await tenants.resolve(scope, order.tenant)
    audit.about('serial_port', order.port, tenantId)
    await requireWifi(wifi, scope, { wifiId: order.wifiId, tenantId })
    const network = await wifi.open(scope, order.wifiId)
    audit.details = { ssid: network.ssid }
    const port = ports.find(order.port)
    ports.requireFree(port)
    const asking = { scope, tenantId }
    await requireOwnPort(db, ports, asking, port)
    const release = claims.take(port, {
      kind: 'setup',
      tenantId,
      jobId: null,
      who: 'a setup over serial',
    })
    try {
      const session = await bench.openMonitor(port.path, { baud: BAUD })
      try {
        const done = await setUpBoard(session, network, (mac) => requireOwnBoard(db, asking, mac))
        audit.details = { ...audit.details, ...done }
        return done
      } finally {
        await session.close()
      }
    } finally {
      release()
    }
  }
}

async function setUpBoard(
  session: MonitorSession,
  network: { ssid: string; password: string },
  requireOwn: (mac: string) => Promise<void>,
): Promise<SetUpBoard> {
  const gateway = await askGateway(session)
  if (gateway === null) {
    const { firmware, version, chip, url } = await session.improv(network)
    return { way: 'improv', firmware, version, chip, url }
  }
  const { mac, ...told } = gateway
  // Before it is told anything.
  if (mac !== null) await requireOwn(mac)
  const { ssid, password: psk } = network
  await session.call({ do: 'settings', set: { wifi: [{ ssid, psk }] } })
  // It joins with what it reads at its start.
  await session.call({ do: 'restart' })
  await joined(session)
  return { way: 'gateway', ...told, url: null }
}

/** Null where it is other firmware. */
async function askGateway(
  session: MonitorSession,
): Promise<(Pick<SetUpBoard, 'firmware' | 'version' | 'chip'> & { mac: string | null }) | null> {
  try {
    const { is, version, chip, mac } = await session.call({ do: 'hello' })
    return {
      firmware: String(is),
      version: String(version),
      chip: String(chip),
      mac: normalizeMac(String(mac)),
    }
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'setup_silent') return null
    throw error
  }
}

/** @throws ExpectedError `setup_failed` where it does not join, in its own words */
async function joined(session: MonitorSession): Promise<void> {
  const until = performance.now() + JOIN_WITHIN
  let last = 'it does not say whether it joined'
  while (performance.now() < until) {
    await sleep(LOOK_EVERY)
    try {
      const { wifi, error } = await session.call({ do: 'status' })
      if (wifi === 'connected') return
      last = String(error ?? wifi)
      if (wifi === 'failed') break
    } catch (error) {
      // While it restarts it is silent.
      if (!(error instanceof ExpectedError && error.code === 'setup_silent')) throw error
    }
  }
  throw new ExpectedError('setup_failed', { reason: last })
}
