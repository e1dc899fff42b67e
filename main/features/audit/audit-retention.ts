import type { Clock } from '#platform/clock/clock.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import type { Log } from '#platform/log/log.ts'
import type { AuditDraft } from './audit-draft.ts'
import { auditKeys } from './audit-keys.ts'
import { type AuditSettings, readAuditSettings, writeAuditSettings } from './audit-settings.ts'
import { type CutDependencies, cutAudit } from './cut-audit.ts'
import { lastOfAge } from './own-time.ts'
import { provedRetention } from './proved-retention.ts'

const HOUR = 60 * 60_000
const DAY = 24 * HOUR

export interface RetentionDependencies extends CutDependencies {
  clock: Clock
  log: Log
}

/** Keeps the audit as long as the site chose: once a day the oldest entries are cut, provably. */
export class AuditRetention {
  readonly #dependencies: RetentionDependencies
  readonly #inTurn = oneAtATime()
  #timer: NodeJS.Timeout | null = null
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor(dependencies: RetentionDependencies) {
    this.#dependencies = dependencies
  }

  start(): void {
    void this.#sweep()
    this.#timer = setInterval(() => void this.#sweep(), HOUR)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    // One that runs ends first.
    await this.#inTurn(async () => {})
  }

  settings(): Promise<AuditSettings> {
    return readAuditSettings(this.#dependencies.db)
  }

  /** Saves it, and cuts soon. */
  async update(after: AuditSettings, draft: AuditDraft): Promise<AuditSettings> {
    const { db, audit } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      const before = await readAuditSettings(trx)
      await writeAuditSettings(trx, after)
      await audit.recordIn(trx, draft.about('site', 'audit', null, { before, after }))
    })
    this.#sweptAt = Number.NEGATIVE_INFINITY
    void this.#sweep()
    return after
  }

  /** Cuts what is due. Nothing where the setting is not the one that the chain proves. @returns how many entries */
  cut(): Promise<number> {
    return this.#inTurn(async () => {
      const { db, key, clock, log } = this.#dependencies
      const { retentionDays } = await this.settings()
      if (retentionDays === null) return 0
      const now = clock.now()
      const age = retentionDays * DAY
      const upTo = await lastOfAge(db, age, now)
      if (upTo === 0) return 0
      const proved = await provedRetention(db, auditKeys(key()))
      if (proved === retentionDays) return cutAudit(this.#dependencies, now - age, now, upTo)
      // Unless somebody chose anew meanwhile, who has it cut in turn.
      if ((await this.settings()).retentionDays === retentionDays)
        log.error(
          { retentionDays, proved },
          'the audit is not cut: the chain does not prove how long it is kept',
        )
      return 0
    })
  }

  async #sweep(): Promise<void> {
    const { clock, log } = this.#dependencies
    const now = clock.now()
    if (now - this.#sweptAt < DAY) return
    this.#sweptAt = now
    try {
      await this.cut()
    } catch (err) {
      log.error({ err }, 'the audit could not be cut')
    }
  }
}
