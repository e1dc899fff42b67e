import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { localSiteAdmin, type TenantScope, wholeTenant } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { MonitorSession } from './bench-port.ts'
import { insertGateway, openNorth } from './flashing-store.fixture.ts'
import { Monitors } from './monitors.ts'
import { PortClaims } from './port-claims.ts'
import type { PortList } from './port-list.ts'
import { SerialSetup, type SerialSetupDependencies } from './serial-setup.service.ts'

const MAC = '24:6f:28:00:00:01'
const port = { path: '/dev/ttyUSB0', name: 'ttyUSB0', identity: 'u' } as SerialPort
let db: SiteDb

beforeAll(async () => {
  db = await openNorth()
  await insertGateway(db, { id: 'g', mac: MAC })
  const job = { id: 'j', runId: null, tenantId: 'north', kind: 'identify', port: '{}', mac: MAC } as const
  const how = { portIdentity: 'u', state: 'passed', step: 'connecting', startedAt: 1 } as const
  await db
    .insertInto('flashJobs')
    .values({ ...job, ...how, startedById: null, startedByName: 'Ana' })
    .execute()
})
afterAll(() => db.destroy())

/** A bench with one board that runs our firmware; what it is told. */
function bench(jobId: string | null) {
  const told: string[] = []
  const claims = new PortClaims()
  const ports = { find: () => port, requireFree: () => {}, jobOf: () => jobId } as unknown as PortList
  const session = {
    ended: new Promise(() => {}),
    onLines: () => () => {},
    call: ({ do: what }: { do: string }) => {
      told.push(what)
      return Promise.resolve(
        what === 'hello' ? { is: 'mw', version: '1', chip: 'ESP32', mac: MAC } : { wifi: 'connected' },
      )
    },
    close: () => Promise.resolve(),
  } as unknown as MonitorSession
  const of = { db, ports, claims, bench: { openMonitor: () => Promise.resolve(session) } }
  const setup = new SerialSetup({
    ...of,
    tenants: {
      resolve: (scope: TenantScope) => Promise.resolve({ id: scope.all ? 'south' : scope.tenantId }),
    },
    wifi: {
      require: () => Promise.resolve({ tenantId: 'south' }),
      open: () => Promise.resolve({ ssid: 'S', password: 'p' }),
    },
  } as unknown as SerialSetupDependencies)
  const monitors = new Monitors({ ...of, clock: { now: () => 1 } })
  return { claims, told, monitors, setup }
}

const of = (tenantId: string) =>
  ({ kind: 'api_key', id: 'k', name: 'k', permissions: [], scope: wholeTenant(tenantId) }) as const
const order = { port: port.path, baud: 115_200, reset: false }

test('the board of another tenant’s gateway is told nothing but hello, and has its port back', async () => {
  const { claims, told, setup } = bench(null)
  const audit = { about: () => {}, details: {} } as unknown as AuditDraft
  const wish = { port: port.path, wifiId: 'w' }
  for (const scope of [wholeTenant('south'), { all: true } as const])
    await expect(setup.setUp(scope, wish, audit)).rejects.toMatchObject({ code: 'mac_taken' })
  expect([told, claims.holderOf(port.identity)]).toEqual([['hello', 'hello'], null])
  const known = bench('j')
  await expect(known.setup.setUp(wholeTenant('south'), wish, audit)).rejects.toMatchObject({
    code: 'mac_taken',
  })
  expect(known.told).toEqual([])
})

test('a monitor opens no port whose board is known to be another tenant’s', async () => {
  const { claims, monitors } = bench('j')
  await expect(monitors.listen(of('south'), order, undefined)).rejects.toMatchObject({
    code: 'mac_taken',
    data: { code: 'of another tenant' },
  })
  expect(claims.holderOf(port.identity)).toBeNull()
  for (const actor of [of('north'), localSiteAdmin]) {
    const left = AbortSignal.abort()
    await monitors.listen(actor, order, left)
  }
})
