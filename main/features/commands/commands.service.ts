import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { COMMAND_ARGS_LIMIT, type Command } from '#contract/model/command.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { FleetService, gatewaysRepository } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { CommandDelivery } from './command-delivery.ts'
import { commandView } from './command-view.ts'
import * as repository from './commands.repository.ts'

export interface CommandsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  fleet: FleetService
  delivery: CommandDelivery
}

/** What is asked of a gateway. */
export interface CommandOrder {
  gatewayId: string
  tenantId: string
  assignmentId: string
  name: string
  args: Record<string, unknown>
  /** What the site itself wants of it; null for a person's. */
  purpose: 'bind' | null
  /** ms */
  life: number
  by: { id: string | null; name: string }
}

export interface SendRequest {
  gateway: string
  tenant?: string | undefined
  name: string
  args: Record<string, unknown>
  /** Seconds. */
  expiresIn: number
}

type GatewayRef = { gateway: string; tenant?: string | undefined }

/** Of one gateway, waiting or under way. */
export const MOST_OPEN = 100
const IDEMPOTENCY_LIFE = 24 * 60 * 60_000

/** Requests to gateways: given, listed, taken back. `CommandDelivery` brings them there and hears the answers. */
export class CommandsService {
  readonly #dependencies: CommandsDependencies

  constructor(dependencies: CommandsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Queues a command; it is on disk when this resolves. With an idempotency key the same request gives the same command again.
   *
   * @throws ExpectedError `not_found`, `gateway_state_conflict`, `commands_unsupported`, `command_too_large`, `too_many_commands`,
   *   `idempotency_conflict`
   */
  async send(
    scope: TenantScope,
    request: SendRequest,
    audit: AuditDraft,
    idempotencyKey: string | null,
  ): Promise<Command> {
    const { db, clock, fleet, delivery, audit: log } = this.#dependencies
    const gateway = await fleet.find(scope, request)
    const { actor } = audit.subject
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code, command: request.name })
    const key =
      idempotencyKey === null
        ? null
        : { key: idempotencyKey, actor: actor.id ?? actor.kind, requestHash: hashOf(request, gateway.id) }
    const row = await db.transaction().execute(async (trx) => {
      const earlier = key && (await this.#earlier(trx, key))
      if (earlier) {
        audit.nothingChanged()
        return earlier
      }
      const made = await this.queueIn(trx, {
        ...orderFor(gateway),
        name: request.name,
        args: request.args,
        purpose: null,
        life: request.expiresIn * 1_000,
        by: { id: actor.id, name: actor.name },
      })
      if (key) await repository.rememberKey(trx, { ...key, resultId: made.id, createdAt: clock.now() })
      audit.details = { ...audit.details, id: made.id, expiresAt: made.expiresAt }
      await log.recordIn(trx, audit)
      return made
    })
    delivery.queued(gateway.id)
    return commandView(row)
  }

  /**
   * The same within the transaction of a caller, for what the site itself asks. After its commit call `delivery.queued`.
   *
   * @throws ExpectedError `commands_unsupported`, `command_too_large`, `too_many_commands`
   */
  async queueIn(trx: SiteTrx, order: CommandOrder): Promise<repository.CommandRow> {
    const { clock, delivery } = this.#dependencies
    const args = JSON.stringify(order.args)
    const bytes = Buffer.byteLength(args)
    if (bytes > COMMAND_ARGS_LIMIT)
      throw new ExpectedError('command_too_large', { bytes, limit: COMMAND_ARGS_LIMIT })
    await delivery.requireTopic(trx, order.gatewayId)
    if ((await repository.openCountOf(trx, order.gatewayId)) >= MOST_OPEN)
      throw new ExpectedError('too_many_commands', { code: await codeOf(trx, order), limit: MOST_OPEN })
    const now = clock.now()
    const row: repository.CommandRow = {
      id: uuid7(now),
      gatewayId: order.gatewayId,
      assignmentId: order.assignmentId,
      tenantId: order.tenantId,
      name: order.name,
      args,
      purpose: order.purpose,
      state: 'queued',
      createdAt: now,
      createdById: order.by.id,
      createdByName: order.by.name,
      expiresAt: now + order.life,
      sentAt: null,
      endedAt: null,
      result: null,
      error: null,
    }
    await repository.insertCommand(trx, row)
    return row
  }

  /** Newest first. @throws ExpectedError `not_found` */
  async list(
    scope: TenantScope,
    { limit, before, ...reference }: GatewayRef & { limit: number; before?: string | undefined },
  ) {
    const { db, fleet, delivery } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    const of = { gatewayId: gateway.id, tenantId: gateway.tenantId }
    const rows = await repository.commandsOf(db, of, { limit: limit + 1, before })
    const shown = rows.slice(0, limit)
    return {
      commands: shown.map(commandView),
      next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      way: await delivery.wayOf(gateway),
    }
  }

  /** @throws ExpectedError `not_found` */
  async show(scope: TenantScope, id: string): Promise<Command> {
    return commandView(await this.#find(scope, id))
  }

  /** Only what was not sent: what a gateway has, it has. @throws ExpectedError `not_found`, `command_ended` */
  async cancel(scope: TenantScope, id: string, audit: AuditDraft): Promise<Command> {
    const { db, clock, delivery, audit: log } = this.#dependencies
    const { gatewayId, tenantId, name } = await this.#find(scope, id)
    audit.about('gateway', gatewayId, tenantId, { command: name, id })
    // In turn with what is sent to it: cancelled means that it was not, and will not be.
    const ended = await delivery.inTurn(gatewayId, () =>
      db.transaction().execute(async (trx) => {
        const now = await repository.commandById(trx, id)
        if (now?.state !== 'queued')
          throw new ExpectedError('command_ended', { name, state: now?.state ?? 'deleted' })
        const changes = { state: 'cancelled' as const, endedAt: clock.now() }
        await repository.changeCommand(trx, now, changes)
        await log.recordIn(trx, audit)
        return { ...now, ...changes }
      }),
    )
    delivery.tell(gatewayId)
    return commandView(ended)
  }

  async #find(scope: TenantScope, id: string): Promise<repository.CommandRow> {
    const row = await repository.commandInScope(this.#dependencies.db, scope, id)
    if (!row) throw new ExpectedError('not_found', { what: 'command', id })
    return row
  }

  /** @throws ExpectedError `idempotency_conflict` */
  async #earlier(
    trx: SiteTrx,
    { requestHash, ...key }: { key: string; actor: string; requestHash: string },
  ): Promise<repository.CommandRow | undefined> {
    const used = await repository.usedKey(trx, key, this.#dependencies.clock.now() - IDEMPOTENCY_LIFE)
    if (!used) return undefined
    if (used.requestHash !== requestHash) throw new ExpectedError('idempotency_conflict', { key: key.key })
    return repository.commandById(trx, used.resultId)
  }
}

/** @throws ExpectedError `gateway_state_conflict` */
function orderFor({ id, code, state, tenantId, assignmentId }: gatewaysRepository.GatewayRow) {
  if (assignmentId === null || state === 'revoked' || state === 'unclaimed')
    throw new ExpectedError('gateway_state_conflict', { code, state, action: 'given commands' })
  return { gatewayId: id, tenantId, assignmentId }
}

function hashOf({ name, args, expiresIn }: SendRequest, gatewayId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([gatewayId, name, args, expiresIn]))
    .digest('hex')
}

async function codeOf(trx: SiteTrx, { gatewayId }: CommandOrder): Promise<string> {
  const row = await trx.selectFrom('gateways').select('code').where('id', '=', gatewayId).executeTakeFirst()
  return row?.code ?? gatewayId
}
