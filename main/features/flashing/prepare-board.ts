import type { BoardInfo, FlashPart } from '#contract/model/board.ts'
import type { FlashJob } from '#contract/model/flash.ts'
import type { EnrollmentOrder, PreparedIdentity } from '#features/enrollment/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import type { BenchRunRow } from './bench-runs.repository.ts'
import { type FlashedFirmware, partsWithNvs, requireNvs, requireRunsOn } from './flashed-firmware.ts'
import type { FlowOf, FlowTools } from './flow-tools.ts'
import { nvsOf } from './gateway-settings.ts'
import { keptChoices } from './kept-choices.ts'
import { likelyLabel, requireOwnCode, reserveName } from './run-names.ts'

/** Everything that a board gets, in memory alone: nothing of it counts yet. */
export interface PreparedBoard {
  order: EnrollmentOrder
  identity: PreparedIdentity
  firmware: FlashedFirmware
  parts: FlashPart[]
}

/**
 * Finds out which gateway a board becomes, and makes its identity and all bytes of its flash.
 *
 * @throws ExpectedError as `FirmwareSource.open`, `bundle_simulated`, `partition_missing`, `nvs_encrypted_board`, `plan_used_up`, `code_taken`, `board_has_code`, `mac_taken`,
 *   `quota_gateways`, `gateway_state_conflict`, `flash_too_small`, `parts_overlap`, `nvs_…`
 */
export async function prepareBoard(tools: FlowTools, of: FlowOf, board: BoardInfo): Promise<PreparedBoard> {
  const { run, caller } = of
  const { setup } = run
  const opened = await tools.firmware.open(setup.bundleId, board.chip, board.revision, run.tenantId)
  const { port } = await tools.book.require({ all: true }, of.jobId)
  requireRunsOn(opened, JSON.parse(port) as FlashJob['port'])
  const nvs = requireNvs(opened)
  const keyOnChip = setup.keyOnChip && opened.makesKeys
  // Before a number is taken: a board that is too small becomes nothing.
  tools.requireFit(partsWithNvs(opened, new Uint8Array(nvs.size)), opened.partitions, board.flashSize)
  const order = await orderFor(tools, of, board.mac)
  const identity = await tools.enrollment.prepare(order, caller.scope, !keyOnChip)
  const { code, name, label, again } = identity
  await tools.book.change(of.jobId, {
    code,
    name,
    label,
    again: again ? 1 : 0,
    gatewayId: again ? identity.gatewayId : null,
  })
  const wifi = setup.wifiId === null ? null : await tools.wifi.open({ all: true }, setup.wifiId)
  const reach = await tools.reachOf(identity)
  const image = tools.buildNvs(nvsOf({ identity, reach, wifi, siteTime: tools.clock.now() }), {
    size: nvs.size,
  })
  const { name: firmwareName, version, hash, signature } = opened
  return {
    order,
    identity,
    firmware: {
      bundleId: setup.bundleId,
      name: firmwareName,
      version,
      hash,
      signature,
      nvs: nvs.label,
      keyOnChip,
    },
    parts: partsWithNvs(opened, image),
  }
}

/** A gateway of the tenant stays who it is; any other board is given the next name. */
async function orderFor(tools: FlowTools, of: FlowOf, mac: string): Promise<EnrollmentOrder> {
  const { run, caller, jobId } = of
  const known = await gatewaysRepository.gatewayByMac(tools.db, mac)
  const isOurs = known?.tenantId === run.tenantId && known.state !== 'unclaimed'
  // Who it is elsewhere is asked before a number is taken for it.
  if (known && !isOurs) await tools.enrollment.prepare(plainOrder(run, mac), caller.scope, false)
  if (isOurs) await requireOwnCode(tools.db, { jobId, run, mac, code: known.code })
  const given = isOurs
    ? null
    : await reserveName(tools.db, { jobId, runId: run.id, mac, label: likelyLabel(mac) })
  // It speaks as before, and proves itself with the same, unless the run says otherwise.
  const kept = isOurs && run.setup.profile === null ? await keptChoices(tools.db, known) : {}
  return { ...plainOrder(run, mac), ...kept, code: given?.code ?? null, name: given?.name ?? null }
}

function plainOrder({ tenantId, groupId, setup }: BenchRunRow, mac: string): EnrollmentOrder {
  return {
    mac,
    code: null,
    name: null,
    tenant: tenantId,
    group: groupId ?? undefined,
    profile: setup.profile ?? undefined,
    label: undefined,
    dialect: undefined,
    credential: undefined,
    keyAlgorithm: undefined,
    replace: true,
    reason: 'flashed',
  }
}

/** Overwrites what was made for a board, as far as the runtime lets us. */
export function forget({ parts }: PreparedBoard): void {
  for (const part of parts) if (part.name === 'nvs') part.bytes.fill(0)
}
