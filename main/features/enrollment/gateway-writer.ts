import { ExpectedError } from '#contract/errors.ts'
import type { AliasKind } from '#contract/model/gateway.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { KnownGateway } from './known-gateway.ts'
import { labelCandidates } from './labels.ts'
import type { EnrollmentOrder } from './order.ts'
import type { ProfileChoice } from './profile-choice.ts'

export interface ToWrite {
  id: string
  mac: string | null
  tenantId: string
  groupId: string | undefined
  order: EnrollmentOrder
  choice: ProfileChoice
  now: number
}

const DEFAULT_MAX_DEVICES = 8

/** A new gateway with its open assignment. @returns its code @throws ExpectedError `code_taken`, `label_taken` */
export async function insertGateway(trx: SiteTrx, of: ToWrite): Promise<string> {
  const { id, mac, tenantId, groupId = null, order, choice, now } = of
  const label = await freeLabel(trx, order.label, mac, id)
  const code = order.code ?? label
  await requireCode(trx, tenantId, code)
  const assignmentId = uuid7(now)
  const ownerUserId = order.ownerUserId ?? null
  await gatewaysRepository.insertGateway(trx, {
    id,
    tenantId,
    groupId,
    ownerUserId,
    assignmentId,
    mac,
    code,
    label,
    name: order.name ?? code,
    platform: order.platform ?? null,
    hardwareRevision: order.hardwareRevision ?? null,
    firmwareVersion: order.firmwareVersion ?? null,
    maxDevices: choice.maxDevices ?? DEFAULT_MAX_DEVICES,
    ...spoken(of),
    state: 'claimed',
    metadata: '{}',
    createdAt: now,
    claimedAt: now,
    activatedAt: null,
    lastSeenAt: null,
    deletedAt: null,
  })
  const assignment = { id: assignmentId, gatewayId: id, tenantId, groupId, ownerUserId, fromAt: now }
  await gatewaysRepository.openAssignment(trx, assignment)
  await setAliases(trx, id, order.aliases)
  return code
}

/**
 * The same box again: back to claimed, with what the order says; it keeps its id, and its history and assignment where it
 * stays with the tenant. @returns its code @throws ExpectedError `code_taken`, `label_taken`
 */
export async function enrollAgain(trx: SiteTrx, known: KnownGateway, of: ToWrite): Promise<string> {
  const { tenantId, groupId, order, choice, now } = of
  const isMoving = known.tenantId !== tenantId
  // What another tenant called it is not told to this one. While nobody had it, its code was free for others.
  const made = isMoving ? [order.label ?? known.label] : [known.code, known.label]
  const held = isMoving || known.state === 'unclaimed' ? null : known.code
  const code = await freeCode(trx, tenantId, order.code === null ? made : [order.code], held)
  const isRelabelled = order.label !== undefined && order.label.toUpperCase() !== known.label.toUpperCase()
  const assignmentId = known.assignmentId ?? uuid7(now)
  const place = {
    ...(groupId !== undefined && { groupId }),
    ...(order.ownerUserId !== undefined && { ownerUserId: order.ownerUserId }),
  }
  await gatewaysRepository.updateGateway(trx, known.id, {
    ...(order.platform && { platform: order.platform }),
    ...(order.firmwareVersion && { firmwareVersion: order.firmwareVersion }),
    ...(order.hardwareRevision && { hardwareRevision: order.hardwareRevision }),
    ...(isRelabelled && { label: await freeLabel(trx, order.label, known.mac, known.id) }),
    ...(choice.maxDevices !== null && { maxDevices: choice.maxDevices }),
    ...spoken(of, known),
    name: order.name ?? (isMoving ? code : known.name),
    ...(isMoving && { metadata: '{}', lastSeenAt: null }),
    code,
    tenantId,
    assignmentId,
    state: 'claimed',
    claimedAt: now,
    activatedAt: null,
  })
  if (known.assignmentId === null) {
    const { groupId: group = null, ownerUserId = null } = place
    await gatewaysRepository.openAssignment(trx, {
      id: assignmentId,
      gatewayId: known.id,
      tenantId,
      groupId: group,
      ownerUserId,
      fromAt: now,
    })
    await gatewaysRepository.placeGateway(trx, known.id, { groupId: group, ownerUserId })
  } else if (Object.keys(place).length > 0) await gatewaysRepository.placeGateway(trx, known.id, place)
  await setAliases(trx, known.id, order.aliases)
  return code
}

/** What it speaks, and what it proves itself with. */
function spoken({ order, choice }: ToWrite, known?: KnownGateway) {
  return {
    profileId: choice.profileId,
    dialect: choice.dialect,
    ownDialect: choice.ownDialect,
    credential: choice.credential,
    bindState: bindStateOf(order, known),
  }
}

/** A new credential alone proves nothing of whose the box is: what was awaited is awaited still. */
function bindStateOf({ awaitsBind }: EnrollmentOrder, known: KnownGateway | undefined) {
  const before = known?.bindState ?? null
  if (awaitsBind === true) return 'pending'
  return awaitsBind === false && before === 'pending' ? null : before
}

/** The first that no other gateway of the tenant has. @throws ExpectedError `code_taken` */
async function freeCode(
  trx: SiteTrx,
  tenantId: string,
  candidates: readonly string[],
  held: string | null,
): Promise<string> {
  for (const code of candidates)
    if (code === held || !(await gatewaysRepository.codeIsTaken(trx, tenantId, code))) return code
  throw new ExpectedError('code_taken', { code: candidates[0] ?? '' })
}

async function requireCode(trx: SiteTrx, tenantId: string, code: string): Promise<void> {
  if (await gatewaysRepository.codeIsTaken(trx, tenantId, code))
    throw new ExpectedError('code_taken', { code })
}

async function freeLabel(
  trx: SiteTrx,
  given: string | undefined,
  mac: string | null,
  id: string,
): Promise<string> {
  for (const label of given === undefined ? labelCandidates(mac, id) : [given]) {
    if (!(await gatewaysRepository.labelIsTaken(trx, label))) return label
  }
  throw new ExpectedError('label_taken', { label: given ?? labelCandidates(mac, id)[0] ?? id })
}

/** Those that are given; others stay. @throws ExpectedError `alias_taken` */
async function setAliases(
  trx: SiteTrx,
  gatewayId: string,
  aliases: EnrollmentOrder['aliases'] = {},
): Promise<void> {
  for (const [kind, value] of Object.entries(aliases) as [AliasKind, string | undefined][]) {
    if (value === undefined) continue
    if (await gatewaysRepository.aliasIsTaken(trx, { gatewayId, kind, value }))
      throw new ExpectedError('alias_taken', { kind, value })
    await gatewaysRepository.putAlias(trx, { gatewayId, kind, value })
  }
}
