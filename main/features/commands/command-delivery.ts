import { ExpectedError } from '#contract/errors.ts'
import { type GatewayChange, gatewaysRepository, type RefusalFact } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { inTurnByKey } from '#platform/events/in-turn-by-key.ts'
import type { Log } from '#platform/log/log.ts'
import { type CommandAnswer, readAnswer } from './command-answer.ts'
import { commandMessage } from './command-message.ts'
import * as repository from './commands.repository.ts'

/** What delivery needs to know of a gateway. */
export type CommandedGateway = Pick<
  gatewaysRepository.GatewayRow,
  'id' | 'mac' | 'label' | 'tenantId' | 'code' | 'dialect' | 'credential' | 'aliases'
>

/** Its topics in its dialect; null where it has none for that. A part left open stands as `#`, `+` or in braces. */
export interface CommandTopics {
  commands: string | null
  /** Where else it may listen, in the order in which these are tried. */
  others?: readonly string[]
  acknowledgements: string | null
}

/** What follows from the answer to a command of the site's own: in the transaction of the answer, and once that is on disk. */
export interface AnswerFollower {
  within(trx: SiteTrx, command: repository.CommandRow, isOk: boolean): Promise<void>
  after(command: repository.CommandRow, isOk: boolean): Promise<void> | void
}

export interface CommandDeliveryDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  topicsOf(gateway: CommandedGateway): CommandTopics | Promise<CommandTopics>
  /** QoS 1; resolves once the broker has it for the gateway. */
  publish(message: {
    topic: string
    payload: string
    qos: 1
    retain: false
    expiresAt: number
  }): Promise<void>
  /** The answer with this receipt is written down: the gateway may forget it. */
  confirm(receipt: string): Promise<void>
  changed(change: GatewayChange): void
  refused(refusal: RefusalFact): void
}

export interface ReceivedAnswer {
  gatewayId: string
  payload: Uint8Array
  at: number
  /** Null: the gateway wants no acknowledgement. */
  receipt: string | null
}

interface Listener {
  address: string
  filters: readonly string[] | undefined
}

const SWEEP_EVERY = 1_000
/** Whose gateway left is looked at less often: what it waits for is not sent in any case. */
const LEFT_EVERY = 3
const PRUNE_EVERY = 60 * 60
const KEPT_OF_TENANT = 10_000
/** Answers of one gateway that wait for the store. */
const MOST_ANSWERS = 200

/**
 * Brings commands to gateways that listen, and takes their answers. A command is in the store until then, not in the broker:
 * it is published when the gateway listens, and never after it expired. Where the power fails between the publishing and
 * the note of it, the gateway gets it again, under the same id.
 */
export class CommandDelivery {
  /** Answers to commands that the site did not give to that gateway, or answered before. */
  ignored = 0
  /** For what must not happen while a command of the gateway is on its way. */
  readonly inTurn = inTurnByKey()
  readonly #dependencies: CommandDeliveryDependencies
  readonly #followers = new Map<string, AnswerFollower>()
  /** Gateways that listen, from where, and to what. */
  readonly #listening = new Map<string, Listener>()
  /** Gateways that commands wait for, or once did. */
  readonly #awaited = new Set<string>()
  readonly #answers = new Map<string, number>()
  readonly #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | null = null
  #sweeps = 0

  constructor(dependencies: CommandDeliveryDependencies) {
    this.#dependencies = dependencies
  }

  /** Who follows the answers to commands with this purpose. Called before `start`. */
  follow(purpose: 'bind', follower: AnswerFollower): void {
    this.#followers.set(purpose, follower)
  }

  /** Before the broker starts. */
  async start(): Promise<void> {
    const { db, log } = this.#dependencies
    for (const gatewayId of await repository.gatewaysWithQueued(db)) this.#awaited.add(gatewayId)
    this.#timer = setInterval(() => {
      this.#run(
        this.sweep().catch((err: unknown) =>
          log.error({ err }, 'commands were not looked through; it is tried again'),
        ),
      )
    }, SWEEP_EVERY)
  }

  /** Resolves when what is under way is written down. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
    await Promise.all(this.#running)
  }

  /** The broker tells that the gateway would receive commands now. */
  listened(of: { gatewayId: string; address: string; filters?: readonly string[] }): void {
    const { gatewayId, address, filters } = of
    if (filters?.length === 0) this.#listening.delete(gatewayId)
    else this.#listening.set(gatewayId, { address, filters })
    this.tell(gatewayId)
    if (this.#awaited.has(gatewayId)) this.#deliverSoon(gatewayId)
  }

  wentOffline({ gatewayId }: { gatewayId: string }): void {
    if (this.#listening.delete(gatewayId)) this.tell(gatewayId)
  }

  /** A command of the gateway is in the store. */
  queued(gatewayId: string): void {
    this.#awaited.add(gatewayId)
    this.tell(gatewayId)
    if (this.#listening.has(gatewayId)) this.#deliverSoon(gatewayId)
  }

  /**
   * What a gateway sent on its topic for answers. It is acknowledged when it is written down, or when sending it again would
   * change nothing; what the store did not take, the gateway sends again.
   */
  answered({ gatewayId, payload, at, receipt }: ReceivedAnswer): void {
    const { log } = this.#dependencies
    const answer = readAnswer(payload)
    if (answer === null) {
      this.#run(this.#refuse(gatewayId, payload, at).then(() => this.#confirm(receipt)))
      return
    }
    const waiting = this.#answers.get(gatewayId) ?? 0
    if (waiting >= MOST_ANSWERS) {
      this.ignored += 1
      return
    }
    this.#answers.set(gatewayId, waiting + 1)
    const taken = this.inTurn(gatewayId, () => this.#take(gatewayId, answer))
      .then(() => this.#confirm(receipt))
      .catch((err: unknown) => log.error({ err, gatewayId }, 'the answer to a command could not be stored'))
      .finally(() => {
        const left = (this.#answers.get(gatewayId) ?? 1) - 1
        if (left > 0) this.#answers.set(gatewayId, left)
        else this.#answers.delete(gatewayId)
      })
    this.#run(taken)
  }

  /** Expires what is over, cancels what waits for a gateway that left; every second. */
  async sweep(): Promise<void> {
    const { db, clock } = this.#dependencies
    const touched = await repository.expire(db, clock.now())
    if (this.#sweeps % LEFT_EVERY === 0) touched.push(...(await repository.cancelLeft(db, clock.now(), null)))
    if (this.#sweeps % PRUNE_EVERY === 0) await repository.prune(db, clock.now(), KEPT_OF_TENANT)
    this.#sweeps += 1
    for (const gatewayId of new Set(touched)) this.tell(gatewayId)
  }

  /** Within the transaction that revokes the gateway, takes it from its tenant, or gives it a new assignment. */
  async cancelIn(trx: SiteTrx, gatewayId: string): Promise<void> {
    await repository.cancelOpen(trx, this.#dependencies.clock.now(), gatewayId)
  }

  /** @throws ExpectedError `commands_unsupported` */
  async requireTopic(trx: SiteTrx, gatewayId: string): Promise<void> {
    const gateway = await gatewaysRepository.gatewayById(trx, { all: true }, gatewayId)
    if (!gateway) throw new ExpectedError('not_found', { what: 'gateway', id: gatewayId })
    const { code, dialect } = gateway
    if ((await this.#dependencies.topicsOf(gateway)).commands === null)
      throw new ExpectedError('commands_unsupported', { code, dialect })
  }

  async wayOf(gateway: CommandedGateway) {
    const { commands, acknowledgements } = await this.#dependencies.topicsOf(gateway)
    return {
      topic: commands,
      acknowledges: acknowledgements !== null,
      listening: this.#listening.has(gateway.id),
    }
  }

  tell(gatewayId: string): void {
    this.#dependencies.changed({ gatewayId, what: 'commands' })
  }

  #deliverSoon(gatewayId: string): void {
    const { log } = this.#dependencies
    const delivered = this.inTurn(gatewayId, () => this.#deliver(gatewayId)).catch((err: unknown) =>
      // The broker starts again, or the gateway comes back: both are told, and begin anew.
      log.warn({ err, gatewayId }, 'a command waits: it could not be published'),
    )
    this.#run(delivered)
  }

  async #deliver(gatewayId: string): Promise<void> {
    const { db, clock, publish, topicsOf } = this.#dependencies
    const gateway = await gatewaysRepository.gatewayById(db, { all: true }, gatewayId)
    if (!gateway) return
    if ((await repository.cancelLeft(db, clock.now(), gatewayId)).length > 0) this.tell(gatewayId)
    const { commands, others = [], acknowledgements } = await topicsOf(gateway)
    const waiting = await repository.queuedOf(db, gatewayId)
    if (waiting.length === 0) this.#awaited.delete(gatewayId)
    for (const command of waiting) {
      const listener = this.#listening.get(gatewayId)
      if (listener === undefined || commands === null) return
      const now = clock.now()
      if (command.expiresAt <= now)
        await repository.changeCommand(db, command, { state: 'expired', endedAt: now })
      else {
        const message = commandMessage([commands, ...others], command, listener.filters)
        // It listens, but not to this one: another must not wait for that.
        if (message === null) continue
        await publish({ ...message, qos: 1, retain: false, expiresAt: command.expiresAt })
        // Where nothing answers, nothing more is heard of it.
        const endedAt = acknowledgements === null ? now : null
        await repository.changeCommand(db, command, { state: 'sent', sentAt: now, endedAt })
      }
      this.tell(gatewayId)
    }
  }

  /** QoS 1 brings an answer twice, and a gateway may answer late: the first answer to what was sent counts. */
  async #take(gatewayId: string, { id, ok, result, error }: CommandAnswer): Promise<void> {
    const { db, clock } = this.#dependencies
    const command = await repository.commandById(db, id)
    const isMeant = command?.gatewayId === gatewayId && command.sentAt !== null
    if (!isMeant || (command.state !== 'sent' && command.state !== 'expired')) {
      this.ignored += 1
      return
    }
    const follower = command.purpose === null ? undefined : this.#followers.get(command.purpose)
    const ended = { state: ok ? ('acknowledged' as const) : ('failed' as const), result, error }
    const isDone = await db.transaction().execute(async (trx) => {
      if (!(await repository.changeCommand(trx, command, { ...ended, endedAt: clock.now() }))) return false
      await follower?.within(trx, { ...command, ...ended }, ok)
      return true
    })
    if (!isDone) return
    this.tell(gatewayId)
    await follower?.after({ ...command, ...ended }, ok)
  }

  async #refuse(gatewayId: string, payload: Uint8Array, at: number): Promise<void> {
    const { db, log, topicsOf, refused } = this.#dependencies
    try {
      const gateway = await gatewaysRepository.gatewayById(db, { all: true }, gatewayId)
      if (!gateway) return
      const excerpt = Buffer.from(payload).toString('utf8', 0, 100)
      refused({
        at,
        reason: 'payload_invalid',
        address: this.#listening.get(gatewayId)?.address ?? '',
        gatewayId,
        fingerprint: null,
        clientId: null,
        topic: (await topicsOf(gateway)).acknowledgements,
        detail: `not an acknowledgement {"id", "ok", "result" or "error"}: ${excerpt}`,
        count: 1,
      })
    } catch (err) {
      log.error({ err, gatewayId }, 'a refused answer to a command could not be written down')
    }
  }

  async #confirm(receipt: string | null): Promise<void> {
    if (receipt !== null) await this.#dependencies.confirm(receipt)
  }

  #run(work: Promise<void>): void {
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
  }
}
