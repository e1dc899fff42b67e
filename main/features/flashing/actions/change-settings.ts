import { ExpectedError } from '#contract/errors.ts'
import { AuditDraft } from '#features/audit/index.ts'
import type { EnrollmentOrder, EnrollmentService, PreparedIdentity } from '#features/enrollment/index.ts'
import type { gatewaysRepository } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { BuildNvs, NvsContents, ReadNvs } from '../bench-port.ts'
import type { ExpectedCredential } from '../contacts.ts'
import { type FlashJobChanges, nvsOfGateway } from '../flash-jobs.repository.ts'
import { GATEWAY_NAMESPACE, type GatewayReach, nvsOf } from '../gateway-settings.ts'
import { type Kept, keptChoices } from '../kept-choices.ts'
import type { WifiService } from '../wifi.service.ts'
import type { ActionTools } from './action-tools.ts'
import { layoutOfBoard, type ReadLayout } from './board-layout.ts'
import { writeParts } from './whole-flash.ts'

type GatewayRow = gatewaysRepository.GatewayRow

export interface SettingsTools {
  db: SiteDb
  clock: Clock
  enrollment: Pick<EnrollmentService, 'prepare' | 'enroll'>
  wifi: Pick<WifiService, 'require' | 'open'>
  buildNvs: BuildNvs
  readNvs: ReadNvs
  readLayout: ReadLayout
  /** How a gateway with this identity reaches the site. */
  reachOf(identity: PreparedIdentity): GatewayReach | Promise<GatewayReach>
  /** In the transaction that makes the credential count. */
  changeIn(trx: SiteTrx, jobId: string, changes: FlashJobChanges): Promise<unknown>
}

/** What the site alone writes under its namespace: an earlier value never stays beside a new one. */
const ours = new Set([
  'id',
  'mac',
  'label',
  'broker_uri',
  'ca',
  'cert',
  'key',
  'secret',
  'dialect',
  'tenant',
  'site_time',
  'cfg_version',
])

/**
 * Writes the settings of a board's own gateway anew, with a new credential; what else its NVS holds stays, such as the
 * calibration of its radio. The credential counts only once the flash was verified: until then the board keeps the one
 * that it has, and after it the old one ends.
 *
 * @param wifiId null: the Wi-Fi settings that the board has stay
 * @returns what the board is to show itself with
 * @throws ExpectedError `partition_missing`, `nvs_encrypted_board`, `nvs_…`, `gateway_state_conflict`, what writing throws
 */
export async function changeSettings(
  tools: ActionTools,
  settings: SettingsTools,
  { gateway, wifiId }: { gateway: GatewayRow; wifiId: string | null },
): Promise<ExpectedCredential> {
  const { session, job, caller } = tools
  await tools.step('preparing')
  // Where its firmware was told that they are.
  const label = await nvsOfGateway(settings.db, gateway.id)
  const { nvs } = await layoutOfBoard(tools, settings.readLayout, label)
  if (nvs === null) throw new ExpectedError('partition_missing', { bundle: 'the board', partition: 'nvs' })
  if (nvs.isEncrypted) throw new ExpectedError('nvs_encrypted_board', { what: 'The board' })
  const image = await session.read(nvs.offset, nvs.size, tools.progress)
  const found = readSettings(image, { log: tools.log, read: settings.readNvs, isNeeded: wifiId === null })
  const order = orderFor(gateway, await keptChoices(settings.db, gateway))
  const prepared = await settings.enrollment.prepare(order, caller.scope, true)
  const wifi = wifiId === null ? null : await settings.wifi.open(caller.scope, wifiId)
  const siteTime = settings.clock.now()
  const fresh = nvsOf({ identity: prepared, reach: await settings.reachOf(prepared), wifi, siteTime })
  const bytes = settings.buildNvs(merged(found, fresh), { size: nvs.size })
  try {
    await writeParts(tools, [{ name: 'nvs', offset: nvs.offset, bytes }])
  } finally {
    // The private key is in it.
    bytes.fill(0)
  }
  const { certificate, secret } = prepared.credential
  const audit = new AuditDraft({ ...caller.subject, action: 'gateway.settings' })
  audit.details = { jobId: job.id, wifi: wifi?.ssid ?? null }
  await settings.enrollment.enroll({ ...order, prepared }, caller.scope, audit, (trx) =>
    settings.changeIn(trx, job.id, {
      committedAt: settings.clock.now(),
      serial: certificate?.row.serial ?? null,
      fingerprint: certificate?.row.fingerprint ?? null,
    }),
  )
  tools.log('the new credential counts, the old one has ended')
  const fingerprint = certificate?.row.fingerprint ?? null
  return { gatewayId: gateway.id, fingerprint, secretId: secret?.id ?? null }
}

/**
 * What a board had that is damaged is told and left out: it keeps nobody from giving it settings, unless they stay in part.
 * What is encrypted is not damaged: the board would not read what is written in plain.
 *
 * @param isNeeded some of it is to stay
 * @throws ExpectedError `nvs_encrypted_board`; of what is needed `nvs_…`
 */
export function readSettings(
  image: Uint8Array,
  { log, read, isNeeded }: { log: ActionTools['log']; read: ReadNvs; isNeeded: boolean },
): NvsContents {
  try {
    const { namespaces, warnings } = read(image)
    for (const warning of warnings) log(`settings of the board: ${warning}`)
    return namespaces
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    if (error.code === 'nvs_encrypted')
      throw new ExpectedError('nvs_encrypted_board', { what: 'The board' }, { cause: error })
    if (isNeeded) throw error
    log(`settings of the board cannot be read, nothing of them is kept: ${error.message}`)
    return {}
  } finally {
    image.fill(0)
  }
}

/** The site's own keys as they are now, everything else as it was. */
export function merged(found: NvsContents, fresh: NvsContents): NvsContents {
  const mine = fresh[GATEWAY_NAMESPACE] ?? {}
  const before = Object.entries(found[GATEWAY_NAMESPACE] ?? {}).filter(([key]) => !ours.has(key))
  return { ...found, [GATEWAY_NAMESPACE]: { ...Object.fromEntries(before), ...mine } }
}

/** As it is, but for its credential. */
function orderFor(gateway: GatewayRow, kept: Kept): EnrollmentOrder {
  return {
    mac: gateway.mac,
    label: gateway.label,
    code: gateway.code,
    name: gateway.name,
    tenant: gateway.tenantId,
    // Where it stands: whose rights end at some groups says which.
    group: gateway.groupId ?? undefined,
    ...kept,
    replace: true,
    reason: 'settings',
  }
}
